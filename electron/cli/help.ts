export const HELP = `Usage: ensemble COMMAND [options]

  serve                     run the control center here, without a window (see: ensemble serve --help)
  open                      open the running control center's page with a fresh one-time link
  status                    the fleet: state, device, port and queue of every instance
  gateway                   the fleet’s ComfyUI address: where it is, who may reach it, and who is there
  gpus                      the GPUs of this machine
  start ID | --all          start an instance, or every one
  stop ID | --all           stop an instance, or every one
  restart ID | --all        restart an instance, or every one
  logs ID                   an instance's log
  tunnel start | stop       make the ComfyUI address reachable from the internet, behind its token, or end that
  tunnel status | download  how the tunnel is; fetch cloudflared, which it needs, of its official release
  workers list              the workers, and how ready those on other machines are
  workers add ADDRESS       add one elsewhere: any address that you can paste (see: ensemble workers --help)
  workers test ID|ADDRESS   climb its readiness ladder, rung by rung
  workers edit ID, workers remove ID
                            change one, or take it out of the fleet
  agent                     offer this machine's GPUs to control centers elsewhere (see: ensemble agent --help)
  agents list               the machines that are paired with the control center here
  agents pair HOST CODE     pair a machine on which “ensemble agent” shows this code; HOST may name a port
  agents unpair ID          let go of a machine, and remove its workers
  agents code               on an agent: a new code, for ten minutes
  agents dismiss ID         on an agent: end what a control center may do here
  discover                  who is found in the network, where discovery is on (Settings)
  discover HOST PORTS       which of these ports of one machine is a ComfyUI, e.g. 192.168.1.20 8188-8191,8200
  providers list            who rents workers out, what is rented, and what it has cost
  providers offers [ID]     what can be rented now; --vram GB: with at least so much
  providers rent ID OFFER   rent it for --hours H at most; without --yes the price is named, and that is all
  providers release LEASE   give it back when its prompt is done; --now: at once
  providers reconcile       ask every provider what of ours is there
  providers test ID         whether a provider can be used; costs nothing
  doctor                    what was found on this machine, and what is wrong

  run WORKFLOW.json         run a workflow on the fleet and wait for its files; “-” reads it from standard input,
                            and a PNG or WebP that ComfyUI saved stands for the workflow in it
  plan WORKFLOW.json        what “run” would do: participants, mode, seeds, shards, what is missing
  models WORKFLOW.json      where the models that a workflow names are, and where they are missing
  runs                      the runs that wait, run, or are finished
  cancel RUN                end a run, and nothing else
  retry RUN                 queue the failed shards of a finished run again
  again RUN                 run the same workflow with the seeds that follow
  queue pause | resume      hold back what waits, or let it go on; what runs goes on either way

Options
  --json                    print JSON (status, gateway, tunnel, gpus, logs, doctor, open, plan, models, runs,
                            again); run: one JSON event a line
  --data DIR                the control center's data directory
  -f, --follow              logs: go on as new lines come
  -n, --lines N             logs: how many lines at first (default 100, at most 5000)
  --hours H --idle MINUTES  providers rent: given back after H hours, or without a prompt for so long (default 30)
  --max-price USD --yes     providers rent: no more than that per hour; the price is agreed to
  --no-open                 open: print the link only
  --host NAME               tunnel start: the public name of your named tunnel, whose token is in TUNNEL_TOKEN
                            (once: it is kept); without it a quick tunnel under a name of Cloudflare’s choice
  -y, --yes                 tunnel start: do not ask
  --show-token              gateway: print the token that other machines need, too
  --limit N                 runs: how many (default 20)
  -h, --help                this text
  --version                 the version

Options of run and plan
  --copies N                number of shards (default: as the workflow asks)
  --split-batch             cut the batch of an empty latent into slices, with the pictures it would have had
  --mode MODE               auto (the master's toggle decides), participating, or orchestrator
  --on ID,ID                only these instances (default: the selected ones)
  --set NODE.INPUT=VALUE    change a literal first; NODE is an id or a title; repeatable
  --front                   ahead of everything that waits

  run: --out DIR            copy every file into DIR as it comes, over nothing that is there
       --name NAME          what the run is called (default: after the file)
       --no-wait            submit it and end
  plan: --shard K           print only what shard K sends

  models: --script SHELL    print the script that downloads what is missing, for bash or powershell
          --worker ID       look at this instance alone

ID is an instance's id or its name; the master's id is “master”. RUN is a run's id, or the beginning of one.
Ctrl+C while “run” waits leaves the run alone: it goes on, and the last line says how to cancel it.
A control center that is restarted meanwhile is found again for 30 seconds.

Exit codes
  0    done; for run: every shard is
  1    it failed; for run: it failed or was cancelled; for doctor: it found a problem; for models: something is missing
  2    the command line or the workflow is wrong
  3    run: some shards are done and some failed; models: an instance could not be asked, or the script lacks a model
  4    no control center is running (start one with: ensemble serve, or npm start)
  130  run: Ctrl+C
`;
