import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import {
  type AwsIdentity,
  type AwsProfile,
  commands,
  type EncryptionState,
  type ImportFolder,
  type MonthUsage,
  type Preset,
  type PriceView,
} from "@/bindings";

// The first word of a key is what the program calls stale (`Cache` of the bindings).
export const importFolderKey = ["settings", "import_folder"] as const;

export const useImportFolder = () => useQuery<ImportFolder>({ queryKey: importFolderKey, queryFn: () => commands.importFolder() });

export const encryptionKey = ["encryption", "state"] as const;

// The command line switches it as well, while no window is open.
export const useEncryption = () =>
  useQuery<EncryptionState>({ queryKey: encryptionKey, queryFn: () => commands.encryptionState(), staleTime: 0 });

export const useProfiles = () => useQuery<AwsProfile[]>({ queryKey: ["credentials", "profiles"], queryFn: () => commands.awsProfiles() });

export const useIdentity = (enabled: boolean) =>
  useQuery<AwsIdentity>({ queryKey: ["credentials", "identity"], queryFn: () => commands.awsIdentity(), enabled });

export const usePresets = () => useQuery<Preset[]>({ queryKey: ["presets"], queryFn: () => commands.serverPresets() });

// Nobody tells the window that an answer was counted: whoever comes to look gets it anew.
export const useMonths = () =>
  useQuery<MonthUsage[]>({ queryKey: ["usage", "months"], queryFn: () => commands.usageMonths(), staleTime: 0 });

export const usePrices = () => useQuery<PriceView>({ queryKey: ["usage", "prices"], queryFn: () => commands.priceView(), staleTime: 0 });

/** The time, looked at twice a minute: what is said relative to it must not go stale on the screen. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
