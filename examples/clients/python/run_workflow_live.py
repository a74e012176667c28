"""Runs a workflow and shows each step as it is made, over ComfyUI's WebSocket.

    pip install websocket-client
    python run_workflow_live.py 127.0.0.1:8200 ../../txt2img.json --out pictures

Calls and arguments are those of run_workflow.py, which asks every half second instead.
"""

import json

import websocket  # websocket-client

from run_workflow import CALL_SECONDS, WorkflowError, main, wait


def follow(server, workflow):
    """Queues the workflow and shows its progress. Returns its history."""
    # Connected before it is queued, so that nothing is missed.
    address = f"ws{server.url[len('http'):]}/ws?clientId={server.client_id}"
    try:
        socket = websocket.create_connection(address, timeout=CALL_SECONDS)
    except (OSError, websocket.WebSocketException) as error:
        raise WorkflowError(f"{server.url} does not answer ({error}). Is ComfyUI running there?") from error
    try:
        prompt_id = server.queue(workflow)
        socket.settimeout(None)
        watch(socket, prompt_id, workflow)
    except (OSError, websocket.WebSocketException):
        print("the connection broke off: asking instead", flush=True)
    finally:
        socket.close()
    # The history is written a moment after the last message.
    return wait(server, prompt_id)


def watch(socket, prompt_id, workflow):
    """Returns when the prompt has ended, however it did."""
    while True:
        message = socket.recv()
        if isinstance(message, bytes):
            # A picture of what is being made: 8 bytes of header, then a JPEG or PNG.
            continue
        event = json.loads(message)
        data = event.get("data") or {}
        if data.get("prompt_id") != prompt_id:
            continue
        if event["type"] == "executing" and data["node"] is None:
            return
        if event["type"] == "executing":
            print(title(workflow, data["node"]), flush=True)
        if event["type"] == "progress":
            print(f"  {data['value']} of {data['max']}", flush=True)


def title(workflow, node_id):
    node = workflow.get(node_id, {})
    return node.get("_meta", {}).get("title") or node.get("class_type") or node_id


if __name__ == "__main__":
    main(follow)
