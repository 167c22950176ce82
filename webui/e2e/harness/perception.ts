/** Who sees and hears whom, judged by what arrives: a colour that moves, a tone. */
import { eventually } from "./patience.ts";
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
  /** What was there, for messages. */
  readonly seen: string;
}

/** Somebody whose screen and loudspeaker can be looked at. */
export interface Witness extends Peer {
  sight(other: Peer): Promise<Sight>;
  /** What the loudspeaker plays during the next `seconds`. */
  sound(seconds: number): Promise<Sound>;
}

/** Long enough for two swellings of each tone. */
const LISTENED = 1.2;

/** Waits until `witness` sees `other` (or, with `wanted` false, does not). @throws what was seen instead */
export async function awaitSight(
  witness: Witness,
  other: Peer,
  wanted = true,
  limit = 10_000,
): Promise<void> {
  let seen = "nothing yet";
  await eventually(
    `${witness.name} ${wanted ? "sees" : "no longer sees"} ${other.name}`,
    limit,
    async () => {
      const sight = await witness
        .sight(other)
        .catch((problem: Error) => ({ visible: false, seen: problem.message }));
      seen = sight.seen;
      return sight.visible === wanted ? true : undefined;
    },
    () => seen,
  );
}

/** Waits until `witness` hears `other` (or, with `wanted` false, does not). @throws what was heard instead */
export async function awaitSound(
  witness: Witness,
  other: Peer,
  wanted = true,
  limit = 10_000,
): Promise<void> {
  let heard = "nothing yet";
  await eventually(
    `${witness.name} ${wanted ? "hears" : "no longer hears"} ${other.name}`,
    limit,
    async () => {
      const sound = await witness.sound(LISTENED);
      heard = describeSound(sound);
      return tone(sound, other.persona.tone).heard === wanted ? true : undefined;
    },
    () => heard,
  );
}

/** Each person's level, for messages: `claire −12 dB (heard), bob −90 dB, …`. */
export function describeSound(sound: Sound): string {
  const levels = PERSONAS.map((persona) => {
    const { level, heard } = tone(sound, persona.tone);
    return `${persona.key} ${level.toFixed(0)} dB${heard ? " (heard)" : ""}`;
  });
  return levels.join(", ");
}
