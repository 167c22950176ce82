/**
 * Who takes part in the tests. Each has a colour before the camera and a tone at the microphone that nobody else has,
 * so that what arrives at the others proves whose it is.
 */
export interface Persona {
  /** In file names. */
  readonly key: string;
  /** Hue of the camera's picture, degrees of the colour circle. */
  readonly hue: number;
  /** The camera's colour, `0xRRGGBB`. */
  readonly colour: string;
  /** The microphone's tone, Hz. No one's harmonic is another one's tone. */
  readonly tone: number;
  /** A picture as a real camera's: with grain, which takes as much rate as there is, and of a usual size or of this height. */
  readonly grainy?: true | 360;
}

export const CLAIRE: Persona = { key: "claire", hue: 0, colour: "0xDC1E1E", tone: 440 };
export const BOB: Persona = { key: "bob", hue: 130, colour: "0x1EC83C", tone: 1000 };
export const ROOM_SYSTEM: Persona = { key: "room-system", hue: 230, colour: "0x1E3CE6", tone: 1700 };
export const ANNE: Persona = { key: "anne", hue: 300, colour: "0xDC1EDC", tone: 2450 };
export const DIANE: Persona = { key: "diane", hue: 60, colour: "0xDCDC1E", tone: 1600, grainy: true };

export const PERSONAS: readonly Persona[] = [CLAIRE, BOB, ROOM_SYSTEM, ANNE, DIANE];
