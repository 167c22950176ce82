/** Who sees and hears whom, judged by what arrives: a colour that moves, a tone. */
import { eventually, RanOutOfPatience } from "./patience.ts";
import { PERSONAS, type Persona } from "./people.ts";
import { type Sound, tone } from "./sound.ts";

/** Somebody in a meeting. */
export interface Peer {
  readonly persona: Persona;
  /** As the others are shown it. */
  readonly name: string;
}

/** One look at another one's picture. */
export interface Sight {
  /** The other one's colour is where it belongs, in a picture that moves. */
  readonly visible: boolean;
  /** Fresh pictures reached the eye during this very look, whoever's they were: not to be visible then means something. */
  readonly alive: boolean;
  /** What was there, for messages. */
  readonly seen: string;
}

/** What a loudspeaker played. */
export interface Heard extends Sound {
  /** The ear worked during this very look: to be silent then means something. */
  readonly alive: boolean;
}

/** Somebody whose screen and loudspeaker can be looked at. */
export interface Witness extends Peer {
  sight(other: Peer): Promise<Sight>;
  /** What the loudspeaker plays during the next `seconds`. */
  sound(seconds: number): Promise<Heard>;
}

/** Long enough for two swellings of each tone. */
const LISTENED = 1.2;
/** How long somebody has to stay unseen or unheard, milliseconds: one quiet look proves nothing. */
const STRETCH = 1500;

/** One look of an eye or an ear. */
interface Look {
  readonly there: boolean;
  readonly alive: boolean;
  readonly seen: string;
}

/** Waits until `witness` sees `other` (or, with `wanted` false, does not). @throws what was seen instead */
export async function awaitSight(
  witness: Witness,
  other: Peer,
  wanted = true,
  limit = 10_000,
): Promise<void> {
  const look = async (): Promise<Look> => {
    const { visible, alive, seen } = await witness.sight(other);
    return { there: visible, alive, seen };
  };
  if (wanted) await presence(`${witness.name} sees ${other.name}`, limit, look);
  else await absence(`${witness.name} no longer sees ${other.name}`, limit, look);
}

/** Waits until `witness` hears `other` (or, with `wanted` false, does not). @throws what was heard instead */
export async function awaitSound(
  witness: Witness,
  other: Peer,
  wanted = true,
  limit = 10_000,
): Promise<void> {
  const look = async (): Promise<Look> => {
    const heard = await witness.sound(LISTENED);
    const there = tone(heard, other.persona.tone).heard;
    return { there, alive: heard.alive, seen: describeSound(heard) };
  };
  if (wanted) await presence(`${witness.name} hears ${other.name}`, limit, look);
  else await absence(`${witness.name} no longer hears ${other.name}`, limit, look);
}

async function presence(what: string, limit: number, look: () => Promise<Look>): Promise<void> {
  let last = "nothing yet";
  const attempt = async (): Promise<true | undefined> => {
    // Nothing reached the eye or the ear in time: not there yet. Whatever else goes wrong is an error of the test.
    const { there, seen } = await look().catch((problem: Error) => {
      if (!(problem instanceof RanOutOfPatience)) throw problem;
      return { there: false, seen: problem.message };
    });
    last = seen;
    return there || undefined;
  };
  await eventually(what, limit, attempt, () => last);
}

/** Absent is who stays away for a stretch, before an eye or ear that works in each look of it. */
async function absence(what: string, limit: number, look: () => Promise<Look>): Promise<void> {
  let last = "nothing yet";
  let since: number | undefined;
  const attempt = async (): Promise<true | undefined> => {
    const began = performance.now();
    const { there, alive, seen } = await look();
    last = alive ? seen : `no sign of life; ${seen}`;
    since = there || !alive ? undefined : (since ?? began);
    return since !== undefined && performance.now() - since >= STRETCH ? true : undefined;
  };
  await eventually(what, limit, attempt, () => last);
}

/** Each person's level, for messages: `claire −12 dB (heard), bob −90 dB, …`. */
export function describeSound(sound: Sound): string {
  const levels = PERSONAS.map((persona) => {
    const { level, heard } = tone(sound, persona.tone);
    return `${persona.key} ${level.toFixed(0)} dB${heard ? " (heard)" : ""}`;
  });
  return levels.join(", ");
}
