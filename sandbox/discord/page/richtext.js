// Renders the tree of markdown.js as elements, with names instead of the ids of people, roles and channels.

import { written } from "./clock.js";
import { h, safeUrl } from "./dom.js";
import { inline, onlyEmoji, parse } from "./markdown.js";

/** Discord's client shows a link to a message as a button with the channel's name. */
const MESSAGE_LINK = /^https:\/\/discord\.com\/channels\/(?:\d+|@me)\/(\d+)\/\d+$/;

export class RichText {
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
  }

  /** Render a whole text. */
  blocks(source) {
    return parse(source ?? "").map((one) => this.block(one));
  }

  /** Render a text of one line, such as a title. */
  line(source) {
    return this.inline(inline(source ?? ""));
  }

  /** Render a message's content. */
  content(source) {
    return h("div", { class: onlyEmoji(source) ? "content jumbo" : "content" }, this.blocks(source));
  }

  block(one) {
    switch (one.type) {
      case "block":
        return h("pre", {}, h("code", { data: { language: one.language } }, one.text));
      case "quote":
        return h("blockquote", {}, one.blocks.map((inner) => this.block(inner)));
      case "heading":
        return h(`h${one.level + 2}`, { class: `heading h-${one.level}` }, this.inline(one.inner));
      case "subtext":
        return h("small", { class: "subtext" }, this.inline(one.inner));
      case "list":
        return this.list(one);
      default:
        return h("div", { class: "paragraph" }, this.inline(one.inner));
    }
  }

  list(one) {
    const items = one.items.map((item) => h("li", {}, this.inline(item.inner), item.nested && this.list(item.nested)));
    return one.ordered ? h("ol", { start: one.start }, items) : h("ul", {}, items);
  }

  inline(nodes) {
    return nodes.map((one) => this.node(one));
  }

  node(one) {
    switch (one.type) {
      case "text":
        return document.createTextNode(one.text);
      case "code":
        return h("code", {}, one.text);
      case "time":
        return this.time(one);
      case "link":
        return this.link(one);
      case "spoiler":
        return spoiler(this.inline(one.inner));
      case "strong":
        return h("strong", {}, this.inline(one.inner));
      case "em":
        return h("em", {}, this.inline(one.inner));
      case "underline":
        return h("u", {}, this.inline(one.inner));
      case "strike":
        return h("s", {}, this.inline(one.inner));
      default:
        return this.mention(one);
    }
  }

  time({ unix, style }) {
    const title = written(unix, "F");
    const ticking = style === "R" ? { data: { relative: unix } } : {};
    const machine = Number.isNaN(new Date(unix * 1000).getTime()) ? "" : new Date(unix * 1000).toISOString();
    return h("time", { class: "moment", title, datetime: machine, ...ticking }, written(unix, style));
  }

  link({ url, inner: shown }) {
    const place = !shown && MESSAGE_LINK.exec(url);
    const channel = place && this.store.channelOf(place[1]);
    if (channel) return h("button", { type: "button", class: "mention", title: url, onclick: () => this.store.enter(place[1]) }, `#${channel.name ?? "direct message"} › 💬`);
    const safe = safeUrl(url);
    const words = shown ? this.inline(shown) : url;
    return safe ? h("a", { href: safe, target: "_blank", rel: "noopener noreferrer nofollow", title: url }, words) : h("span", {}, words);
  }

  mention(one) {
    if (one.type === "user") return this.userMention(one.id);
    if (one.type === "role") return h("span", { class: "mention" }, `@${this.store.role(one.id)?.name ?? "deleted-role"}`);
    if (one.type === "command") return this.commandMention(one.name);
    if (one.type === "channel") return this.channelMention(one.id);
    return h("span", { class: "mention" }, one.text);
  }

  userMention(id) {
    const person = this.store.person(id);
    if (!person) return h("span", { class: "mention" }, "@unknown-user");
    const open = (event) => this.actions.openUser(event, id);
    return h("button", { type: "button", class: id === this.store.me ? "mention mine" : "mention", onclick: open }, `@${person.shown}`);
  }

  channelMention(id) {
    const channel = this.store.channelOf(id);
    if (!channel) return h("span", { class: "mention" }, "#unknown");
    return h("button", { type: "button", class: "mention", onclick: () => this.store.enter(id) }, `#${channel.name ?? "direct message"}`);
  }

  commandMention(name) {
    return h("button", { type: "button", class: "mention", onclick: () => this.actions.startCommand(name) }, `/${name}`);
  }
}

function spoiler(inner) {
  const shown = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler: press to show", "aria-expanded": "false" }, h("span", {}, inner));
  const reveal = (event) => {
    if (shown.classList.contains("shown") || (event.key && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    shown.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) shown.removeAttribute(name);
    shown.setAttribute("aria-expanded", "true");
  };
  shown.addEventListener("click", reveal);
  shown.addEventListener("keydown", reveal);
  return shown;
}
