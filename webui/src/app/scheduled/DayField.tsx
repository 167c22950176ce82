import { useState } from "react";
import { Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button, Field } from "../../ui/controls";
import { Month } from "../../ui/icons";
import { Calendar } from "../dashboard/Calendar";
import { todayInFrance } from "../moments";
import { guideDay } from "./List";
import look from "./scheduled.module.css";

interface Props {
  /** As it is typed: `18-06-2024`. */
  value: string;
  onChange(value: string): void;
  error: string | undefined;
}

/** «Date»: typed as the guide writes days, or chosen in a calendar. */
export function DayField({ value, onChange, error }: Props) {
  const { t } = useTranslation();
  const today = todayInFrance(new Date());
  return (
    <div className={look.day}>
      <Field
        label={t("scheduled.date")}
        hint={t("scheduled.dateHint")}
        autoComplete="off"
        value={value}
        onChange={onChange}
        error={error}
      />
      <DialogTrigger>
        <span title={t("scheduled.choose")}>
          <Button aria-label={t("scheduled.choose")}>
            <Month />
          </Button>
        </span>
        <Popover placement="bottom end" className={look.popover ?? ""}>
          <Dialog aria-label={t("scheduled.choose")}>
            {({ close }) => (
              <Choice
                today={today}
                from={typedDay(value) ?? today}
                onChoose={(day) => {
                  onChange(guideDay(day));
                  close();
                }}
              />
            )}
          </Dialog>
        </Popover>
      </DialogTrigger>
    </div>
  );
}

const NONE = new Map<string, number>();

function Choice({ today, from, onChoose }: { today: string; from: string; onChoose(day: string): void }) {
  const { t } = useTranslation();
  const [day, setDay] = useState(from);
  return (
    <>
      <Calendar
        title={t("scheduled.choose")}
        today={today}
        selected={day}
        meetings={NONE}
        onSelect={setDay}
      />
      <div className={look.choose}>
        <Button look="primary" onPress={() => onChoose(day)}>
          {t("scheduled.take", { date: guideDay(day) })}
        </Button>
      </div>
    </>
  );
}

/** `2024-06-18`; null for what is no day. */
function typedDay(text: string): string | null {
  const [, day, month, year] = /^\s*(\d\d)[-/.](\d\d)[-/.](\d{4})\s*$/.exec(text) ?? [];
  const iso = `${year}-${month}-${day}`;
  return Number.isNaN(Date.parse(iso)) ? null : iso;
}
