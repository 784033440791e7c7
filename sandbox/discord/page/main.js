// Builds the page and connects its parts.

import { Actions } from "./actions.js";
import { Attachments } from "./attachments.js";
import { start } from "./clock.js";
import { Components } from "./components.js";
import { Composer } from "./composer.js";
import { Drawer } from "./drawer.js";
import { Embeds } from "./embeds.js";
import { Header } from "./header.js";
import { Lightbox } from "./lightbox.js";
import { Menu } from "./menu.js";
import { Messages } from "./messages.js";
import { Modal } from "./modal.js";
import { Notices } from "./notices.js";
import { RichText } from "./richtext.js";
import { Sidebar } from "./sidebar.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import { Welcome } from "./welcome.js";

const place = (id) => document.getElementById(id);

async function open() {
  const store = new Store();
  const notices = new Notices(place("notices"));
  const actions = new Actions(store, new Menu(), notices);
  const text = new RichText(store, actions);
  const attachments = new Attachments(new Lightbox(), actions);
  const tools = { text, attachments, embeds: new Embeds(text, attachments), components: new Components(store, text, attachments, actions), openUser: actions.openUser, openMessage: actions.openMessage };
  const welcome = new Welcome(store, actions);
  store.on("commanded", () => welcome.seen());
  addEventListener("pointerdown", () => store.press(), true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => store.release()), true); // after the click
  const messages = new Messages(place("list"), store, tools, (channel) => welcome.intro(channel));
  const composer = new Composer(place("composer"), store, { messages, runCommand: actions.runCommand, notify: (words) => notices.say(words) });
  const drawer = new Drawer(place("drawer"), store, notices);
  Object.assign(actions, { messages, composer, drawer, modal: new Modal(store, text) });
  new Sidebar({ rail: place("rail"), channels: place("channels"), members: place("members") }, store, actions);
  new Header(place("header"), store, actions);
  start();
  const stream = new Stream(store, (connected) => notices.connection(connected));
  store.connect = () => stream.listen();
  store.on("channel", () => document.body.classList.add("ready"));
  await store.open();
}

open().catch((error) => {
  place("notices").textContent = `The sandbox could not be reached: ${error.message}`;
});
