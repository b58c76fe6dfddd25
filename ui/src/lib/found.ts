import { useQuery } from "@tanstack/react-query";
import { commands, type FoundServer } from "@/bindings";

/** Servers that answer on this computer. Asked once; the first run and the settings show the same finding. */
export const useFoundServers = () => useQuery<FoundServer[]>({ queryKey: ["servers", "found"], queryFn: () => commands.serverFind() });
