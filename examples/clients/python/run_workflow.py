"""Runs a workflow (API format) and saves what it makes. Needs nothing but Python 3.9.

    python run_workflow.py 127.0.0.1:8200 ../../txt2img.json --out pictures

The address may be one ComfyUI server or Comfy Ensemble's address of a whole fleet: the calls are the same.
"""

import argparse
import json
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

POLL_SECONDS = 0.5
CALL_SECONDS = 60


class WorkflowError(Exception):
    """What went wrong, in a sentence for people."""


class Server:
    """The few calls of ComfyUI that it takes to run a workflow."""

    def __init__(self, address):
        self.url = (address if "://" in address else f"http://{address}").rstrip("/")
        self.client_id = str(uuid.uuid4())

    def call(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=CALL_SECONDS) as reply:
                return reply.read()
        except urllib.error.HTTPError as error:
            raise WorkflowError(refusal(error.read(), error.code)) from error
        except OSError as error:
            raise WorkflowError(f"{self.url} does not answer ({error}). Is ComfyUI running there?") from error

    def queue(self, prompt):
        """Returns the id of the prompt."""
        answer = json.loads(self.call("/prompt", {"prompt": prompt, "client_id": self.client_id}))
        return answer["prompt_id"]

    def history(self, prompt_id):
        """What the prompt made and how it ended; None until then."""
        return json.loads(self.call(f"/history/{prompt_id}")).get(prompt_id)

    def place(self, prompt_id):
        """Where the prompt is: 0 when it runs, n when it is the nth that waits, None when it is not there."""
        queue = json.loads(self.call("/queue"))
        if any(item[1] == prompt_id for item in queue["queue_running"]):
            return 0
        waiting = sorted(queue["queue_pending"], key=lambda item: item[0])
        ids = [item[1] for item in waiting]
        return ids.index(prompt_id) + 1 if prompt_id in ids else None

    def view(self, file):
        fields = {key: file.get(key, "") for key in ("filename", "subfolder", "type")}
        return self.call("/view?" + urllib.parse.urlencode(fields))


def refusal(body, status):
    """ComfyUI's refusal of a prompt, in lines for people."""
    try:
        answer = json.loads(body)
        error = answer["error"]
        lines = [f"{error['message']} {error.get('details', '')}".strip()]
        for node_id, node in answer.get("node_errors", {}).items():
            for problem in node["errors"]:
                lines.append(f"  node {node_id} ({node['class_type']}): {problem['message']}: {problem['details']}")
        return "\n".join(lines)
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"The server answered {status}: {body[:300].decode(errors='replace')}"


def read_workflow(path):
    try:
        workflow = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise WorkflowError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise WorkflowError(f"{path} is no JSON: {error}.") from error
    if not isinstance(workflow, dict) or not all(
        isinstance(node, dict) and "class_type" in node for node in workflow.values()
    ):
        raise WorkflowError(f"{path} is not in API format: in ComfyUI choose Workflow → Export (API).")
    return workflow


def wait(server, prompt_id):
    """Asks until the prompt has ended. Returns its history."""
    shown = None
    while True:
        # Asked in this order, a prompt that ends in between is not missed.
        place = server.place(prompt_id)
        entry = server.history(prompt_id)
        if entry is not None:
            return entry
        if place is None:
            raise WorkflowError("The prompt was taken out of the queue.")
        now = "running" if place == 0 else f"waiting, number {place} in the queue"
        if now != shown:
            print(now, flush=True)
            shown = now
        time.sleep(POLL_SECONDS)


def check(entry):
    """Raises with the reason when a prompt did not end well."""
    status = entry.get("status") or {}
    if status.get("status_str", "success") == "success":
        return
    for kind, data in status.get("messages", []):
        if kind == "execution_error":
            raise WorkflowError(f"Node {data['node_id']} ({data['node_type']}) failed: {data['exception_message']}")
        if kind == "execution_interrupted":
            raise WorkflowError("It was interrupted.")
    raise WorkflowError("It failed.")


def save(server, entry, folder):
    """Saves every file that the prompt made. Returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [
        item
        for output in entry["outputs"].values()
        for items in output.values()
        if isinstance(items, list)
        for item in items
        if isinstance(item, dict) and "filename" in item
    ]
    for file in files:
        target = free_name(folder, pathlib.PurePath(file["filename"].replace("\\", "/")).name)
        target.write_bytes(server.view(file))
        print(target, flush=True)
    return len(files)


def free_name(folder, name):
    """A name in the folder that nothing has yet."""
    path = folder / name
    count = 2
    while path.exists():
        path = folder / f"{pathlib.Path(name).stem} ({count}){pathlib.Path(name).suffix}"
        count += 1
    return path


def main(follow=None):
    parser = argparse.ArgumentParser(description="Run a workflow and save what it makes.")
    parser.add_argument("address", help="of a ComfyUI server or of a fleet, e.g. 127.0.0.1:8200")
    parser.add_argument("workflow", help="a JSON file in API format")
    parser.add_argument("--out", default="pictures", help="where to save to (default: pictures)")
    options = parser.parse_args()
    try:
        server = Server(options.address)
        workflow = read_workflow(options.workflow)
        if follow is None:
            entry = wait(server, server.queue(workflow))
        else:
            entry = follow(server, workflow)
        check(entry)
        print(f"{save(server, entry, pathlib.Path(options.out))} files")
    except WorkflowError as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
