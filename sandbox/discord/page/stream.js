// Listens to what happens, as one person sees it, and listens again when the connection breaks.

const LOOK_AGAIN_MS = 60;

export class Stream {
  constructor(store, status) {
    this.store = store;
    this.status = status;
    store.on("me", () => this.listen());
  }

  listen() {
    this.source?.close();
    const source = new EventSource(`/_sandbox/stream?as=${encodeURIComponent(this.store.me)}`);
    let broken = false;
    source.addEventListener("open", () => {
      this.status(true);
      if (broken) this.store.enter(this.store.channelId);
      broken = false;
    });
    source.addEventListener("error", () => {
      broken = true;
      this.status(false);
    });
    source.addEventListener("message", (event) => this.store.take(JSON.parse(event.data)));
    source.addEventListener("interaction", (event) => this.store.tell("interaction", JSON.parse(event.data)));
    source.addEventListener("world", () => this.lookAgain());
    this.source = source;
  }

  lookAgain() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.store.refresh(), LOOK_AGAIN_MS);
  }
}
