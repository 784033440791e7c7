// Short notices, and whether the sandbox can be reached.

import { fill, h } from "./dom.js";

const SHOWN_MS = 6000;

export class Notices {
  constructor(root) {
    this.root = root;
    this.lost = h("div", { class: "notice lost", hidden: true }, "Connection lost. Trying again…");
    this.said = h("div", { class: "notice", hidden: true });
    fill(root, this.lost, this.said);
  }

  say(words) {
    clearTimeout(this.timer);
    this.said.textContent = words;
    this.said.hidden = false;
    this.timer = setTimeout(() => (this.said.hidden = true), SHOWN_MS);
  }

  connection(connected) {
    this.lost.hidden = connected;
  }
}
