// The header above the messages: the current channel.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { DM } from "./store.js";

export class Header {
  constructor(root, store, actions) {
    Object.assign(this, { root, store, actions });
    store.on("world", () => this.show());
  }

  show() {
    const { store, actions } = this;
    const { channel } = store;
    if (!channel) return;
    const dm = channel.type === DM;
    const name = dm ? store.botName : channel.name;
    document.title = `${dm ? "@" : "#"}${name} · Sandbox`;
    fill(
      this.root,
      h("button", { type: "button", class: "quiet only-narrow", "aria-label": "Channels", onclick: () => actions.openSidebar() }, icon("menu")),
      icon(dm ? "mail" : channel.thread_metadata ? "thread" : "channel"),
      h("h1", {}, name),
      store.ageRestricted && h("span", { class: "age" }, "18+"),
      channel.topic && h("span", { class: "topic" }, channel.topic),
      h("span", { class: "grow" }),
      store.world.bot_connected === false && h("span", { class: "bot-away", role: "status" }, "the bot is not connected"),
      h("span", { class: "play-money", title: "This is a local stand-in for Discord: nothing here costs real money" }, "sandbox · play money"),
      !dm && h("button", { type: "button", class: "quiet", title: "Members", "aria-label": "Members", onclick: () => actions.toggleMembers() }, icon("people")),
    );
  }
}
