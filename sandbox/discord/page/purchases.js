// What the bot's application sells, and what the current member has bought.

import { h } from "./dom.js";

const GROUP = 6;
const TEST_PURCHASE = 4;

/** List what is for sale, and the member's purchases with a way to give them back. */
export function purchases(store, act) {
  const { skus = [], entitlements = [] } = store.world;
  const offered = skus.filter((one) => one.type !== GROUP);
  if (!offered.length) return h("p", { class: "muted" }, "Nothing.");
  const mine = entitlements.filter((one) => one.user_id === store.me);
  return [
    offered.map((one) => line(one.name, button("Buy", () => act({ do: "entitlement", user: store.me, sku: one.id })), button("Test purchase", () => act({ do: "entitlement", user: store.me, sku: one.id, test: true })))),
    mine.map((one) => bought(one, store.sku(one.sku_id)?.name ?? "", act)),
  ];
}

function bought(one, name, act) {
  const state = one.deleted ? "refunded" : one.consumed ? "consumed" : "not consumed yet";
  const shown = h("span", {}, name, h("small", { class: "muted" }, ` · ${one.type === TEST_PURCHASE ? "test, " : ""}${state}`));
  return line(shown, !one.deleted && button("Refund", () => act({ do: "refund", entitlement: one.id })));
}

export function line(name, ...buttons) {
  return h("div", { class: "drawer-line" }, h("span", { class: "grow" }, name), buttons);
}

export function button(label, onclick) {
  return h("button", { type: "button", class: "button secondary", onclick }, label);
}
