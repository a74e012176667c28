export const WORKERS_HELP = `Usage: ensemble workers ACTION [options]

  list                      the workers of the fleet: where they are, their state, how far up the ladder they are
  add ADDRESS               a worker elsewhere; ADDRESS is what you have: host:port, a URL, a line that ComfyUI printed
  add --type local          a worker of this machine, on a GPU that is free or the one that --gpu names
  test ID | ADDRESS         climb the readiness ladder: reachable, ComfyUI, nodes, models, a file there and back
  edit ID                   change what is named and nothing else
  remove ID                 take it out of the fleet; a server elsewhere goes on running

What a worker is (add, edit)
  --type TYPE               local, remote, or cloud (default: as the address suggests)
  --name NAME               what it is called (default: after its host)
  --host HOST, --port PORT, --path /PATH, --https, --no-https
                            the parts of the address, one by one
  --gpu DEVICE              local: an index, a UUID, or “cpu”
  --args="ARGUMENTS"        local: ComfyUI's own flags
  --enable, --disable       edit: takes part in runs, or is not even contacted
  --restart                 edit, local: at once, and not at the next start

What opens it (add, edit, test): never the secret itself, which other programs could read, but where it is
  --bearer-env VARIABLE     a bearer token, from an environment variable, or “-” for standard input
  --basic-env USER=VARIABLE
  --cloudflare-env ID_VARIABLE=SECRET_VARIABLE
                            a service token of Cloudflare Access
  --header-env NAME=VARIABLE
                            any header; repeatable
  --no-access               nothing any more
  --trust SHA256            believe the self-signed certificate with this fingerprint, and no other one

  --test                    add: climb the ladder first, and add it only if every rung holds
  --workflow FILE           test: the nodes and models that this workflow needs; “-” reads it from standard input
  --json                    print JSON
  --data DIR                the control center's data directory

Exit codes: 0 done, 1 a rung does not hold or it failed, 2 the command line is wrong, 4 no control center is running
`;
