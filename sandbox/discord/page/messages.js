// The list of messages: draws changes, groups an author's messages, and stays at the bottom unless the user scrolled up.

import * as clock from "./clock.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { MessageView } from "./message.js";
import { EPHEMERAL, LOADING, order } from "./store.js";

const NEAR_PX = 80;
const TOGETHER_MS = 7 * 60 * 1000;

export class Messages {
  constructor(root, store, tools, welcome) {
    this.store = store;
    this.tools = { ...tools, store, jumpTo: (id) => this.jumpTo(id), dismiss: (message) => this.dismiss(message) };
    this.welcome = welcome;
    this.views = new Map();
    this.local = new Map();
    this.list = h("ol", { class: "messages", "aria-label": "Messages" });
    this.intro = h("div", { class: "intro" });
    this.below = h("button", { type: "button", class: "jump-down", hidden: true, onclick: () => this.toBottom() }, "New messages", icon("down"));
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": "Messages" }, h("div", { class: "scrolled" }, this.intro, this.list));
    fill(root, this.scroller, this.below);
    this.stuck = true;
    this.top = 0;
    this.scroller.addEventListener("scroll", () => this.onScroll());
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.scroller.firstChild);
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.scroller);
    store.on("channel", () => this.reset());
    store.on("message", ({ op, message }) => this.take(op, message));
  }

  onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const near = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (near) this.below.hidden = true;
    // New content below must not count as scrolling: only a user who scrolls up leaves the bottom.
    this.stuck = near || (this.stuck && scrollTop >= this.top);
    this.top = scrollTop;
  }

  toBottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.stuck = true;
    this.below.hidden = true;
  }

  reset() {
    this.views.clear();
    this.local.clear();
    this.list.replaceChildren();
    fill(this.intro, this.welcome(this.store.channel));
    for (const one of this.store.shown) this.view(one);
    this.arrange();
    this.toBottom();
  }

  take(op, message) {
    if (op === "create") this.answered(message);
    if (op === "delete") this.drop(message.id);
    else if (!this.store.dismissed.has(message.id)) this.view(message);
    this.arrange();
    if (op !== "create") return;
    if (this.stuck || this.isMine(message)) this.toBottom();
    else this.below.hidden = false;
  }

  /** Replace the pending line with the bot's response. */
  answered(message) {
    const used = message.interaction;
    if (used?.user.id !== this.store.me) return;
    const waiting = [...this.local.values()].find(({ command }) => command === used.name || command.startsWith(`${used.name} `));
    if (waiting) this.dismiss(waiting);
  }

  isMine(message) {
    return message.author.id === this.store.me || message.interaction_metadata?.user.id === this.store.me;
  }

  view(message) {
    const known = this.views.get(message.id);
    if (known) known.update(message);
    else this.views.set(message.id, new MessageView(message, this.tools));
  }

  drop(id) {
    this.views.get(id)?.element.remove();
    this.views.delete(id);
  }

  dismiss(message) {
    if (!message.local) this.store.dismiss(message.id);
    this.local.delete(message.id);
    this.drop(message.id);
    this.arrange();
  }

  /** Sort the views, with a line before each new day; only views in the wrong place are moved. */
  arrange() {
    const ordered = [...this.views.values()].sort((a, b) => Boolean(a.message.local) - Boolean(b.message.local) || order(a.message.id, b.message.id));
    const wanted = [];
    let before = null;
    for (const view of ordered) {
      const { message } = view;
      const day = new Date(message.timestamp).toDateString();
      if (!before || day !== new Date(before.timestamp).toDateString()) wanted.push(this.dayLine(day));
      view.element.classList.toggle("together", Boolean(before) && together(before, message));
      wanted.push(view.element);
      before = message;
    }
    wanted.forEach((one, index) => {
      if (this.list.children[index] !== one) this.list.insertBefore(one, this.list.children[index] ?? null);
    });
    while (this.list.children.length > wanted.length) this.list.lastChild.remove();
    this.intro.classList.toggle("alone", ordered.length === 0);
  }

  dayLine(day) {
    const words = new Date(day).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
    const known = [...this.list.children].find((one) => one.dataset.day === day);
    return known ?? h("li", { class: "day", role: "separator", data: { day } }, h("span", {}, words));
  }

  jumpTo(id) {
    const target = this.views.get(id)?.element;
    target?.scrollIntoView({ block: "center" });
    target?.animate?.([{ background: "var(--highlight)" }, {}], 1200);
  }

  /** Show under a message that its button failed; the notice stays. */
  fail(id, words) {
    this.views.get(id)?.fail(words);
  }

  /** Show a pending command until the bot responds; returns a function that removes it. */
  pending(command, name) {
    const id = `9${Date.now()}${this.local.size}`.padStart(25, "9");
    const me = this.store.person(this.store.me);
    const user = { id: me.id, username: me.name, global_name: me.shown };
    const message = { ...this.placeholder(id, { id, name, user }), command };
    this.local.set(id, message);
    const late = setTimeout(() => this.local.has(id) && (this.view(message), this.arrange(), this.toBottom()), 250);
    return {
      done: () => {
        clearTimeout(late);
        this.dismiss(message);
      },
      failed: (error) => {
        clearTimeout(late);
        this.view({ ...message, flags: EPHEMERAL, error });
        this.arrange();
        this.toBottom();
      },
    };
  }

  placeholder(id, used) {
    const nothing = { content: "", embeds: [], attachments: [], components: [], mentions: [], edited_timestamp: null };
    return { ...nothing, id, local: true, type: 20, flags: LOADING, author: this.store.world.bot, timestamp: new Date(clock.now()).toISOString(), interaction_metadata: used };
  }
}

function together(before, message) {
  const close = Date.parse(message.timestamp) - Date.parse(before.timestamp) < TOGETHER_MS;
  const plain = !message.interaction_metadata && !message.message_reference && !message.local;
  return close && plain && before.author.id === message.author.id && (before.flags & EPHEMERAL) === (message.flags & EPHEMERAL);
}
