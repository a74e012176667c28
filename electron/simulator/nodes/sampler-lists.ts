/** Sampler and scheduler names that both 0.3.64 and 0.33.0 offer. */
export const SAMPLERS: readonly string[] = (
  'euler euler_cfg_pp euler_ancestral euler_ancestral_cfg_pp heun heunpp2 dpm_2 dpm_2_ancestral lms dpm_fast dpm_adaptive ' +
  'dpmpp_2s_ancestral dpmpp_2s_ancestral_cfg_pp dpmpp_sde dpmpp_sde_gpu dpmpp_2m dpmpp_2m_cfg_pp dpmpp_2m_sde ' +
  'dpmpp_2m_sde_gpu dpmpp_3m_sde dpmpp_3m_sde_gpu ddpm lcm ipndm ipndm_v deis res_multistep gradient_estimation er_sde ' +
  'seeds_2 seeds_3 sa_solver ddim uni_pc uni_pc_bh2'
).split(' ');
export const SCHEDULERS: readonly string[] =
  'simple sgm_uniform karras exponential ddim_uniform beta normal linear_quadratic kl_optimal'.split(' ');
