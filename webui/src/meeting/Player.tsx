import { useEffect, useRef } from "react";

const last = (mark: string) => performance.getEntriesByName(mark).at(-1)?.startTime ?? 0;

/** Once per click on «Rejoindre la réunion»: the first picture of another participant. */
function markFirstFrame(video: HTMLVideoElement): void {
  video.requestVideoFrameCallback?.(() => {
    if (last("tabellion:join-click") > last("tabellion:first-remote-frame"))
      performance.mark("tabellion:first-remote-frame");
  });
}

/** Rows of the screen that a picture takes in its element, which shows all of it. */
function shownRows({ clientWidth, clientHeight, videoWidth, videoHeight }: HTMLVideoElement): number {
  const shape = videoWidth > 0 ? videoHeight / videoWidth : 9 / 16;
  return Math.round(Math.min(clientHeight, clientWidth * shape) * window.devicePixelRatio);
}

export function Picture({
  stream,
  own,
  label,
  onRows,
}: {
  stream: MediaStream | null;
  own?: boolean;
  label: string;
  onRows?(rows: number): void;
}) {
  const element = useRef<HTMLVideoElement>(null);
  const report = useRef(onRows);
  report.current = onRows;
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    const measure = () => report.current?.(shownRows(video));
    const observer = new ResizeObserver(measure);
    observer.observe(video);
    // The picture's own shape, once it is known.
    video.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      video.removeEventListener("resize", measure);
    };
  }, []);
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    if (video.srcObject !== stream) video.srcObject = stream;
    if (stream && !own) markFirstFrame(video);
  }, [stream, own]);
  return (
    <video ref={element} aria-label={label} autoPlay playsInline muted data-own={own ? "" : undefined} />
  );
}

/** One audio slot: it plays whoever speaks, so that a change of speaker does not touch the element. */
export function Sound({ stream }: { stream: MediaStream | null }) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (audio && audio.srcObject !== stream) audio.srcObject = stream;
  }, [stream]);
  // biome-ignore lint/a11y/useMediaCaption: a live conversation has no captions
  return <audio ref={element} autoPlay />;
}
