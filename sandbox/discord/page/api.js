// Client of the sandbox's control interface. A rejected request throws an Error with the sandbox's message.

const CONTROL = "/_sandbox";
const WAIT_S = 5;

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `The sandbox answered ${response.status}`);
  return body;
}

export async function get(path, query = {}) {
  return answer(await fetch(`${CONTROL}/${path}?${new URLSearchParams(query)}`));
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(`${CONTROL}/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Begin an interaction and wait until the bot has answered it or it has failed. */
export async function interact(wanted, begun = () => {}) {
  const { id } = await post("interactions", wanted);
  begun(id);
  return settled(id);
}

async function settled(id) {
  for (;;) {
    const state = await get(`interactions/${id}`, { wait_s: WAIT_S });
    if (state.state !== "pending") return state;
  }
}

/** Encode a file for the control interface. */
export async function encoded(file) {
  const address = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
  return { name: file.name, base64: address.slice(address.indexOf(",") + 1) };
}

/** Fetch a file that the page shows, to send it again. */
export async function fetchFile(url, name) {
  const response = await fetch(url);
  if (!response.ok) throw new Error("This file is no longer available.");
  const content = await response.blob();
  return new File([content], name, { type: content.type });
}
