import { commands, type Progress, type WireError } from "@/bindings";
import { openChannel } from "@/host/channel";
import { toWireError } from "./errors";
import { keyedStore } from "./store";

type Channel = ReturnType<typeof openChannel<Progress>>;

/** Something long, of which there is one at a time. It goes on while one looks at another screen. */
export type Job<T> =
  | { state: "running"; id: string; progress: Progress | null; cancelling: boolean }
  | { state: "done"; result: T }
  | { state: "cancelled" }
  | { state: "failed"; error: WireError };

export function jobOf<T>() {
  const store = keyedStore<"now", Job<T>>();
  const running = () => {
    const job = store.get("now");
    return job?.state === "running" ? job : null;
  };
  return {
    use: () => store.use("now"),
    /** Resolves to what came of it, which `use` gives as well; `work` gives null if it was called off. */
    run: async (work: (id: string, progress: Channel) => Promise<T | null>): Promise<Job<T>> => {
      const id = crypto.randomUUID();
      const isCurrent = () => running()?.id === id;
      store.set("now", { state: "running", id, progress: null, cancelling: false });
      const channel = openChannel<Progress>((progress) => {
        const job = running();
        if (job?.id === id) store.set("now", { ...job, progress });
      });
      const ended = await work(id, channel).then(
        (result): Job<T> => (result === null ? { state: "cancelled" } : { state: "done", result }),
        (thrown): Job<T> => ({ state: "failed", error: toWireError(thrown) }),
      );
      if (isCurrent()) store.set("now", ended);
      return ended;
    },
    cancel: () => {
      const job = running();
      if (!job) return;
      store.set("now", { ...job, cancelling: true });
      // If it has ended meanwhile, there is nothing left to call off.
      commands.jobCancel(job.id).catch(() => {});
    },
    /** For work that the page does itself. */
    isCancelling: (id: string): boolean => running()?.id !== id || running()?.cancelling === true,
    clear: () => store.remove("now"),
  };
}
