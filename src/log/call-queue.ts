// Appends that wait for a batch. Those in a hurry start one; the patient ones go along with the next that starts, or start one when they have
// waited long enough.

/**
 * Where people type, the next batch is closer than this nearly always: a commit that is made anyway, instead of one more that keystrokes wait behind.
 * What is delayed is how the machine is used, not what the domain knows as time, so it is a timer of its own.
 */
const patienceMs = 5;

export class CallQueue<Call extends { readonly patient: boolean }> {
  readonly #onDue: () => void;
  #hurried: Call[] = [];
  #patient: Call[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** `onDue` hears of the end of patience. */
  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** Whether somebody waits who is in a hurry. */
  get isDue(): boolean {
    return this.#hurried.length > 0;
  }

  add(call: Call): void {
    if (!call.patient) this.#hurried.push(call);
    else {
      this.#patient.push(call);
      this.#timer ??= setTimeout(() => {
        this.hurry();
        this.#onDue();
      }, patienceMs);
    }
  }

  /** From now on all that wait are in a hurry. */
  hurry(): void {
    this.#hurried = this.takeAll();
  }

  /** All that wait, whoever is in a hurry first. */
  takeAll(): Call[] {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const all = [...this.#hurried, ...this.#patient];
    this.#hurried = [];
    this.#patient = [];
    return all;
  }

  /** Puts calls that did not fit into a batch before all others. */
  putBack(calls: readonly Call[]): void {
    this.#hurried = [...calls, ...this.#hurried];
  }
}
