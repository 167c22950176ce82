import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice } from "../../ui/controls";
import { ArrowDown, ArrowUp, Refresh } from "../../ui/icons";
import look from "./dashboard.module.css";

/** What a tile shows: the state of a query. */
export interface Shown {
  isPending: boolean;
  isError: boolean;
  isFetching: boolean;
  refetch(): unknown;
}

interface Props {
  title: string;
  /** What it is about more exactly: a day. */
  subtitle?: string;
  /** How many elements there are; none while that is not known. */
  count: number | undefined;
  query: Shown;
  children: ReactNode;
}

/** A list of the dashboard (DASH-06): its count, «Actualiser», what opens and closes it. */
export function Tile({ title, subtitle, count, query, children }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(true);
  const id = useId();
  return (
    <section className={look.tile} aria-labelledby={`${id}-title`}>
      <header className={look.head}>
        <h2 id={`${id}-title`}>{title}</h2>
        {count !== undefined && (
          <span className={look.badge} data-testid="count">
            {count}
            <span className={look.spoken}> {t("home.tile.elements", { count })}</span>
          </span>
        )}
        <span className={look.tools}>
          <Button
            look="quiet"
            aria-label={t("home.tile.refresh", { title })}
            isDisabled={query.isFetching}
            onPress={() => void query.refetch()}
          >
            <Refresh />
          </Button>
          <Button
            look="quiet"
            aria-label={t(open ? "home.tile.collapse" : "home.tile.expand", { title })}
            aria-expanded={open}
            aria-controls={`${id}-content`}
            onPress={() => setOpen(!open)}
          >
            {open ? <ArrowUp /> : <ArrowDown />}
          </Button>
        </span>
      </header>
      <div id={`${id}-content`} hidden={!open} aria-busy={query.isFetching}>
        {subtitle && <p className={look.subtitle}>{subtitle}</p>}
        {query.isPending ? (
          <p className={look.nothing}>{t("common.loading")}</p>
        ) : query.isError ? (
          <Notice kind="bad">{t("home.tile.failed")}</Notice>
        ) : count === 0 ? (
          <p className={look.nothing}>{t("home.tile.nothing")}</p>
        ) : (
          children
        )}
      </div>
    </section>
  );
}
