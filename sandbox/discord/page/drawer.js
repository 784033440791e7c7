// The sandbox controls: move the clock, close direct messages, cause failures.

import * as api from "./api.js";
import * as clock from "./clock.js";
import { automodRules } from "./automod.js";
import { fill, h, redraw } from "./dom.js";
import { icon } from "./icons.js";
import { commandPermissions } from "./integrations.js";
import { purchases } from "./purchases.js";
import { LANGUAGES, TEXT } from "./store.js";

const STEPS = [["+ 1 min", 60], ["+ 15 min", 901], ["+ 1 hour", 3600], ["+ 1 day", 86_400], ["+ 1 week", 604_800]];
const TIERS = ["No boosts · 10 MB", "Tier 1 · 10 MB", "Tier 2 · 50 MB", "Tier 3 · 100 MB"];
const WORDS = [["[fail]", "the model fails"], ["[filter]", "its filter refuses"], ["[slow]", "ten times as long"], ["[never]", "never ends: press Cancel"], ["[partial]", "one picture fewer"], ["[huge]", "a file too big to post"]];

export class Drawer {
  constructor(root, store, notices) {
    Object.assign(this, { root, store, notices });
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle());
    for (const event of ["world", "channel"]) store.on(event, () => this.update());
  }

  /** Redraw what is open, but not below an open list: the choice would be lost. */
  update() {
    if (this.root.hidden) return;
    const active = document.activeElement;
    const choosing = active.tagName === "SELECT" && active.closest(".drawer-line");
    if (!(choosing && this.root.contains(active))) redraw(this.root, () => this.show());
  }

  toggle() {
    this.root.hidden = !this.root.hidden;
    clearInterval(this.timer);
    if (this.root.hidden) return;
    this.show();
    this.timer = setInterval(() => this.showTime(), 1000);
    this.root.querySelector("button")?.focus();
  }

  show() {
    const { store } = this;
    const me = store.person(store.me);
    this.time = h("output", { class: "clock" });
    fill(
      this.root,
      h("header", {}, h("h2", {}, "Sandbox controls"), h("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: () => this.toggle() }, icon("close"))),
      this.section("Clock", "Discord's clock. The provider and the bot follow it, unless they are other programs. It only moves forward; interaction tokens expire after 15 minutes, and allowances and deadlines come.", this.time, h("div", { class: "row" }, STEPS.map(([label, seconds]) => this.button(label, () => this.advance(seconds))))),
      this.section(`Direct messages to ${me.shown}`, "", this.toggleDms(me)),
      this.section("Server", "Its boosts determine the maximum file size.", this.tiers(), this.language(), h("div", { class: "row" }, this.button("New thread here", () => this.newThread()), store.channel?.thread_metadata && this.button("Archive this thread", () => this.act({ do: "archive_thread", channel: store.channelId })))),
      store.channel?.type === TEXT && this.section("This channel", "", this.toggleAge()),
      this.section("What the bot sells", "The bot is told of a purchase as if it were real.", purchases(store, (wanted) => this.act(wanted))),
      this.section("AutoMod", "Words that nobody may write. The bot can read the rules if its role may manage the server.", automodRules(store, (wanted) => this.act(wanted))),
      this.section("Commands", "Who may use them, as admins say it on the page Integrations. Admins and the owner always may.", commandPermissions(store, (wanted) => this.act(wanted))),
      this.section("Connection", store.world.bot_restarts ? "The bot has to reconnect by itself, and continues unfinished jobs after a restart: the provider's runs go on meanwhile." : "The bot has to reconnect by itself.", h("div", { class: "row" }, this.button("Cut the bot's connection", () => this.act({ do: "drop_gateway" })), store.world.bot_restarts && this.button("Restart the bot", () => this.restart()))),
      this.section("Membership", "A bot that is added greets whoever added it: here the server's owner.", h("div", { class: "row" }, this.membership())),
      this.section("Words in a prompt", "Anywhere in a prompt, these words change what the run does:", h("dl", { class: "words" }, WORDS.map(([word, what]) => [h("dt", {}, h("code", {}, word)), h("dd", {}, what)]))),
    );
    this.showTime();
  }

  section(title, why, ...rest) {
    return h("section", {}, h("h3", {}, title), why && h("p", { class: "muted" }, why), rest);
  }

  button(label, onclick) {
    return h("button", { type: "button", class: "button secondary", onclick }, label);
  }

  showTime() {
    this.time.textContent = new Date(clock.now()).toLocaleString("en-GB");
  }

  async advance(seconds) {
    const { now } = await api.post("clock", { advance_s: seconds });
    clock.learn(now * 1000);
    this.showTime();
  }

  toggleDms(me) {
    const box = h("input", { type: "checkbox", role: "switch", checked: me.dms_open, onchange: () => this.act({ do: "close_dms", user: me.id, closed: !box.checked }) });
    return h("label", { class: "check" }, box, "The bot may write to me");
  }

  toggleAge() {
    const { channel } = this.store;
    const box = h("input", { type: "checkbox", role: "switch", checked: channel.nsfw, onchange: () => this.act({ do: "set_age_restricted", channel: channel.id, on: box.checked }) });
    return h("label", { class: "check" }, box, "Age-restricted");
  }

  tiers() {
    const options = TIERS.map((label, tier) => h("option", { value: tier, selected: this.store.guild?.tier === tier }, label));
    const box = h("select", { "aria-label": "Boosts", onchange: () => this.act({ do: "set_tier", tier: box.value }) }, options);
    return box;
  }

  language() {
    const options = Object.entries(LANGUAGES).map(([locale, name]) => h("option", { value: locale, selected: this.store.guild?.locale === locale }, name));
    const box = h("select", { "aria-label": "Language", onchange: () => this.act({ do: "set_locale", locale: box.value }) }, options);
    return h("label", { class: "check" }, "The server's language", box);
  }

  membership() {
    const { bot } = this.store.world;
    const present = this.store.guild?.members.some((one) => one.id === bot.id);
    return this.button(present ? "Remove the bot" : "Add the bot", () => this.act({ do: present ? "leave" : "join", user: bot.id }));
  }

  async restart() {
    this.notices.say("The bot is restarting…");
    await this.act({ do: "restart_bot" });
    this.notices.say("The bot is back.");
  }

  newThread() {
    return this.act({ do: "create_thread", channel: this.store.channelId, name: `thread-${Date.now() % 1000}`, user: this.store.me });
  }

  async act(wanted) {
    try {
      await api.post("world", wanted);
      await this.store.refresh();
    } catch (error) {
      this.notices.say(error.message);
    }
  }
}
