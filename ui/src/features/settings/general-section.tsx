import { Minus, Plus } from "lucide-react";
import type { Language, SendKey, Settings } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { ChoiceMenu } from "@/kit/choice-menu";
import { Segments } from "@/kit/segments";
import { formatCount } from "@/lib/format";
import { largest, smallest } from "@/lib/text-size";
import { type Tongue, tongueOf, tongues, words } from "@/lib/words";
import { Check } from "./check";
import styles from "./general-section.module.css";
import { useChange } from "./save";
import screen from "./settings-screen.module.css";

const text = words.general;
const languages = Object.entries(tongues) as [Tongue, string][];

export function GeneralSection({ settings, version, home }: { settings: Settings; version: string; home: string }) {
  const change = useChange();
  const set = (part: Partial<Settings>) => void change((current) => ({ ...current, ...part }));
  const desktop = tongueOf("system");
  return (
    <>
      <div className={screen.intro}>
        <h2>{words.settings.sections.general}</h2>
      </div>
      <div className={screen.block}>
        <h3>{text.appearance}</h3>
        <Row title={text.theme}>
          <Segments
            label={text.theme}
            testId="theme"
            value={settings.theme}
            options={(["system", "light", "dark"] as const).map((value) => ({ value, label: text.themes[value] }))}
            onChange={(theme) => set({ theme })}
          />
        </Row>
        <Row title={text.textSize} about={text.textSizeText}>
          <TextSize value={settings.text_size} onChange={(size) => set({ text_size: size })} />
        </Row>
        <Row title={text.language} about={text.languageText}>
          <ChoiceMenu<Language>
            label={text.language}
            testId="language"
            value={settings.language}
            options={[
              { value: "system", label: text.languageSystemIs(tongues[desktop]) },
              ...languages.map(([value, label]) => ({ value, label, lang: value })),
            ]}
            onChange={(language) => set({ language })}
          />
        </Row>
      </div>
      <div className={screen.block}>
        <h3>{text.writing}</h3>
        <Row title={text.send} about={text.sendText[settings.send_key]}>
          <Segments<SendKey>
            label={text.send}
            testId="send-key"
            value={settings.send_key}
            options={(["enter", "ctrl_enter"] as const).map((value) => ({ value, label: text.sendKeys[value] }))}
            onChange={(key) => set({ send_key: key })}
          />
        </Row>
        <Check
          label={text.titles}
          hint={text.titlesText}
          checked={settings.titles_by_model}
          onChange={(titles) => set({ titles_by_model: titles })}
          testId="titles-by-model"
        />
      </div>
      <div className={screen.block}>
        <h3>{text.about}</h3>
        <dl className={screen.facts}>
          <dt>{text.version}</dt>
          <dd className="selectable" dir="ltr">
            {words.app.name} {version}
          </dd>
          <dt>{text.home}</dt>
          <dd className="selectable" dir="ltr">
            {home}
          </dd>
        </dl>
      </div>
    </>
  );
}

function Row({ title, about, children }: { title: string; about?: string; children: React.ReactNode }) {
  return (
    <div className={styles.row}>
      <div>
        <p>{title}</p>
        {about && <p className={styles.about}>{about}</p>}
      </div>
      <div className={styles.control}>{children}</div>
    </div>
  );
}

const steps = [80, 90, 100, 110, 125, 150, 175, 200];

function TextSize({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const larger = steps.find((step) => step > value);
  const smaller = steps.findLast((step) => step < value);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame and a legend of its own
    <div className={styles.size} role="group" aria-label={text.textSize} data-testid="text-size">
      <IconButton
        label={text.smaller}
        icon={Minus}
        disabled={smaller === undefined}
        onClick={() => onChange(smaller ?? smallest)}
        data-testid="text-smaller"
      />
      <output aria-live="polite">{text.percent(formatCount(value))}</output>
      <IconButton
        label={text.larger}
        icon={Plus}
        disabled={larger === undefined}
        onClick={() => onChange(larger ?? largest)}
        data-testid="text-larger"
      />
      {value !== 100 && (
        <Button look="quiet" small className={styles.standard} onClick={() => onChange(100)}>
          {text.standard}
        </Button>
      )}
    </div>
  );
}
