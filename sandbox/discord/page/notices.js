// Short notices, and the warning that the sandbox cannot be reached.

import { fill, h } from "./dom.js";

const SHOWN_MS = 6000;

export class Notices {
  constructor(root) {
    this.root = root;
    this.lost = h("div", { class: "notice lost", hidden: true }, "Connection lost. Trying again…");
    this.notice = h("div", { class: "notice", hidden: true });
    fill(root, this.lost, this.notice);
  }

  say(words) {
    clearTimeout(this.timer);
    this.notice.textContent = words;
    this.notice.hidden = false;
    this.timer = setTimeout(() => (this.notice.hidden = true), SHOWN_MS);
  }

  connection(connected) {
    this.lost.hidden = connected;
  }
}
