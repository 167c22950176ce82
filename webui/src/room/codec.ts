/**
 * What one's own picture is sent as. Every browser takes VP8 and most take H.264; the box says which of them all who look
 * can show.
 */

declare global {
  interface RTCRtpEncodingParameters {
    /** WebRTC extensions §5.5; TypeScript does not know it yet. */
    codec?: RTCRtpCodec;
  }
}

export type CodecName = "h264" | "vp8";

const TYPES: Record<CodecName, string> = { h264: "video/h264", vp8: "video/vp8" };
/** What goes with any codec: packets that repair others. */
const HELPERS = ["video/rtx", "video/red", "video/ulpfec"];

/** Whether a codec of the browser's is the named one. Their case differs from browser to browser. */
function isNamed(codec: { mimeType: string }, name: CodecName): boolean {
  return codec.mimeType.toLowerCase() === TYPES[name];
}

/**
 * Sends a picture as this from now on. False where the browser has to agree with the box on that first, see {@link offerOnly}.
 * Before the first answer nothing is agreed, and nothing can be said.
 */
export async function sendAs(sender: RTCRtpSender, name: CodecName): Promise<boolean> {
  const parameters = sender.getParameters();
  const { encodings, codecs } = parameters;
  const now = encodings[0]?.codec ?? codecs[0];
  if (!now || isNamed(now, name)) return true;
  const codec = codecs.find((one) => isNamed(one, name));
  if (!codec) return false;
  for (const encoding of encodings) encoding.codec = codec;
  try {
    await sender.setParameters(parameters);
  } catch {
    return false;
  }
  // A browser that does not know this parameter leaves it out without a word.
  return sender.getParameters().encodings[0]?.codec !== undefined;
}

/** Has the next offer name this codec alone for what a line sends. */
export function offerOnly(line: RTCRtpTransceiver, name: CodecName): void {
  const offered = ranked("send").filter(
    (one) => isNamed(one, name) || HELPERS.includes(one.mimeType.toLowerCase()),
  );
  if (offered.some((one) => isNamed(one, name))) line.setCodecPreferences(offered);
}

/** H.264 first: room systems take nothing else, and the box forwards without transcoding. */
export function preferH264(line: RTCRtpTransceiver, way: "send" | "receive"): void {
  const codecs = ranked(way);
  if (codecs.length > 0) line.setCodecPreferences(codecs);
}

function ranked(way: "send" | "receive"): RTCRtpCodec[] {
  const side = way === "send" ? globalThis.RTCRtpSender : globalThis.RTCRtpReceiver;
  const codecs = side?.getCapabilities("video")?.codecs ?? [];
  const rank = (codec: RTCRtpCodec) => {
    if (!isNamed(codec, "h264")) return 2;
    const line = codec.sdpFmtpLine ?? "";
    return line.includes("packetization-mode=1") && line.includes("42e01f") ? 0 : 1;
  };
  return [...codecs].sort((a, b) => rank(a) - rank(b));
}
