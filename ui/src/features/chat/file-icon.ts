import { File, FileImage, FileSpreadsheet, FileText, type LucideIcon } from "lucide-react";

export const isPicture = (mediaType: string): boolean => /^image\/(?:png|jpeg|gif|webp)$/.test(mediaType);

export function fileIcon(mediaType: string): LucideIcon {
  if (mediaType.startsWith("image/")) return FileImage;
  if (/sheet|excel|csv/.test(mediaType)) return FileSpreadsheet;
  return /^text\/|pdf|word/.test(mediaType) ? FileText : File;
}
