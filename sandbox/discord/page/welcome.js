// The start of a channel, with a hint for first-time visitors.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { DM } from "./store.js";

const EXAMPLES = [
  { path: "imagine", values: { prompt: "a lighthouse in fog" }, why: "makes a picture from a description" },
  { path: "video", values: { prompt: "a paper boat in the rain" }, why: "makes a short video" },
  { path: "balance", values: {}, why: "shows your credits, only to you" },
];

const SEEN = "sandbox.welcomed";

const VIEW_CHANNEL = 1024n;

/** Whether everyone sees a channel: nobody orders for a start where moderators talk. The id of @everyone is the guild's. */
function isForAll(channel) {
  const hides = ({ id, deny }) => id === channel.guild_id && BigInt(deny) & VIEW_CHANNEL;
  return !channel?.permission_overwrites?.some(hides);
}

export class Welcome {
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
  }

  intro(channel) {
    const dm = channel?.type === DM;
    const name = dm ? this.store.botName : channel?.name;
    return [
      h("div", { class: "intro-icon" }, icon(dm ? "mail" : "channel")),
      h("h2", {}, dm ? name : `Welcome to #${name}`),
      h("p", { class: "muted" }, dm ? "Only you and the bot can see these messages. Results and notices come here; you order in the server's channels." : (channel?.topic ?? "This is the start of the channel.")),
      dm && this.store.home && h("button", { type: "button", class: "button secondary", onclick: () => this.store.enter(this.store.home.id) }, `Open #${this.store.home.name}`),
      !dm && isForAll(channel) && !localStorage.getItem(SEEN) && h("div", { class: "hint" }, h("p", {}, "New here? Choose a command, then press Enter (only the sandbox shows this):"), EXAMPLES.map((one) => this.example(one))),
    ];
  }

  /** A member who has used a command does not see the hint again. */
  seen() {
    localStorage.setItem(SEEN, "yes");
  }

  example({ path, values, why }) {
    const line = [`/${path}`, ...Object.values(values)].join(" ");
    return h("button", { type: "button", class: "example", onclick: () => this.actions.startCommand(path, values) }, h("code", {}, line), h("span", {}, why));
  }
}
