export const HELP = `Usage: ensemble COMMAND [options]

  serve                     run the control center here, without a window (see: ensemble serve --help)
  open                      open the running control center's page with a fresh one-time link
  status                    the fleet: state, device, port and queue of every instance
  gpus                      the GPUs of this machine
  start ID | --all          start an instance, or every one
  stop ID | --all           stop an instance, or every one
  restart ID | --all        restart an instance, or every one
  logs ID                   an instance's log
  doctor                    what was found on this machine, and what is wrong

Options
  --json                    print JSON (status, gpus, logs, doctor, open)
  --data DIR                the control center's data directory
  -f, --follow              logs: go on as new lines come
  -n, --lines N             logs: how many lines at first (default 100, at most 5000)
  --no-open                 open: print the link only
  -h, --help                this text
  --version                 the version

ID is an instance's id or its name; the master's id is “master”.

Exit codes
  0  done
  1  it failed; for doctor: it found a problem
  2  the command line is wrong
  3  no control center is running (start one with: ensemble serve, or npm start)
`;
