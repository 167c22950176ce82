import type { Schemas } from "../api/client";
import styles from "./app.module.css";

/** A QR code as the box has drawn it, its light border included. */
export function Qr({ qr, label }: { qr: Schemas["QrView"]; label: string }) {
  return (
    <svg
      role="img"
      aria-label={label}
      className={styles.qr}
      viewBox={`0 0 ${qr.size} ${qr.size}`}
      shapeRendering="crispEdges"
    >
      <path d={qr.path} />
    </svg>
  );
}
