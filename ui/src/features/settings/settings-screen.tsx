import {
  AppWindow,
  BookOpen,
  ChartNoAxesColumn,
  Cpu,
  Database,
  Keyboard,
  type LucideIcon,
  MessageSquareReply,
  Network,
  RefreshCw,
  SlidersHorizontal,
} from "lucide-react";
import { Tabs } from "radix-ui";
import { type ReactNode, useRef, useState } from "react";
import type { Settings } from "@/bindings";
import { Bar } from "@/kit/screen";
import { useNarrow } from "@/lib/text-size";
import { words } from "@/lib/words";
import { AnsweringSection } from "./answering-section";
import { DataSection } from "./data-section";
import { DesktopSection } from "./desktop-section";
import { GeneralSection } from "./general-section";
import { MemorySection } from "./memory-section";
import { ModelsSection } from "./models-section";
import { NetworkSection } from "./network-section";
import styles from "./settings-screen.module.css";
import { ShortcutsSection } from "./shortcuts-section";
import { SyncSection } from "./sync-section";
import { UsageSection } from "./usage-section";

type Section = keyof typeof words.settings.sections;
type SettingsScreenProps = {
  lead: ReactNode;
  settings: Settings;
  version: string;
  home: string;
  /** The section that was asked for from elsewhere; `nonce` makes asking twice two requests. */
  asked: { section: Section; nonce: number } | null;
  /** Chats may have come or gone. */
  onReplaced: () => void;
};

const icons: Record<Section, LucideIcon> = {
  models: Cpu,
  answering: MessageSquareReply,
  memory: BookOpen,
  network: Network,
  usage: ChartNoAxesColumn,
  data: Database,
  sync: RefreshCw,
  shortcuts: Keyboard,
  desktop: AppWindow,
  general: SlidersHorizontal,
};
const sections = Object.keys(icons) as Section[];
/** What was typed there and is not saved yet stays while one looks at another section. */
const kept: Section[] = ["models", "network"];

export default function SettingsScreen({ lead, settings, version, home, asked, onReplaced }: SettingsScreenProps) {
  const narrow = useNarrow(56.25);
  const [section, setSection] = useState<Section>(asked?.section ?? "models");
  const [followed, setFollowed] = useState(asked);
  if (asked !== followed) {
    setFollowed(asked);
    if (asked) setSection(asked.section);
  }
  const scroll = useRef<HTMLDivElement>(null);
  const content: Record<Section, ReactNode> = {
    models: <ModelsSection settings={settings} />,
    answering: <AnsweringSection settings={settings} />,
    memory: <MemorySection settings={settings} />,
    network: <NetworkSection settings={settings} />,
    usage: <UsageSection />,
    data: <DataSection settings={settings} onReplaced={onReplaced} />,
    sync: <SyncSection settings={settings} />,
    shortcuts: <ShortcutsSection settings={settings} />,
    desktop: <DesktopSection settings={settings} />,
    general: <GeneralSection settings={settings} version={version} home={home} />,
  };
  return (
    <main className={styles.screen} data-testid="settings-screen">
      <Bar lead={lead}>
        <h1 className={styles.title}>{words.settings.title}</h1>
      </Bar>
      <Tabs.Root
        className={styles.tabs}
        orientation={narrow ? "horizontal" : "vertical"}
        value={section}
        onValueChange={(next) => {
          setSection(next as Section);
          scroll.current?.scrollTo?.({ top: 0 });
        }}
      >
        <Tabs.List className={styles.nav} aria-label={words.settings.title}>
          {sections.map((one) => {
            const Icon = icons[one];
            return (
              <Tabs.Trigger key={one} value={one} className={styles.tab} data-testid={`settings-${one}`}>
                <Icon size={15} strokeWidth={1.8} aria-hidden />
                {words.settings.sections[one]}
              </Tabs.Trigger>
            );
          })}
        </Tabs.List>
        <div className={styles.scroll} ref={scroll}>
          {sections.map((one) => (
            <Tabs.Content
              key={one}
              value={one}
              className={styles.column}
              tabIndex={-1}
              {...(kept.includes(one) ? { forceMount: true as const, hidden: section !== one } : {})}
            >
              {content[one]}
            </Tabs.Content>
          ))}
        </div>
      </Tabs.Root>
    </main>
  );
}
