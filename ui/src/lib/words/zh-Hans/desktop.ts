/** What the program is to the desktop beside its window. */
export const desktop = {
  text: "在其他程序中工作时，如何随时用到 Digital Twin。",
  tray: "在托盘中保留图标",
  trayHint: "关闭窗口后 Digital Twin 会继续运行，随时可以打开。要结束它，请在图标菜单中选择“退出”。",
  trayTrouble: {
    no_host: "此桌面目前不显示程序图标，因此关闭窗口仍会退出 Digital Twin。在 GNOME 上，请安装扩展 AppIndicator。",
    no_library: "缺少显示托盘图标的库，因此关闭窗口仍会退出 Digital Twin。请安装 libayatana-appindicator3，然后重新启动。",
    failed: "无法在托盘中放置图标，因此关闭窗口仍会退出 Digital Twin。请确认其文件夹可写入且磁盘未满，然后关闭此选项再重新打开。",
  },
  quick: "快捷窗口",
  quickText: "一个小窗口，无论你在哪里都可以随手提问。回答会保存在你的对话中。",
  keys: "唤出它的按键",
  keysLabel: (shown: string) => (shown ? `快捷窗口的按键：${shown}。更改按键` : "快捷窗口的按键：无。设置按键"),
  keysClear: "移除快捷窗口的按键",
  keysTrouble: {
    taken: (shown: string) => `${shown} 已被其他程序占用。请选择其他按键。`,
    unknown: (shown: string) => `${shown} 无法在所有程序中使用。请按住 Ctrl、Alt 或 Super，再按此键盘上的一个键。`,
    unsupported: "此桌面不允许程序监听按键。请在桌面自己的键盘设置中，为以下命令指定按键：",
  },
  command: "digital-twin --quick",
  byItself: "自动运行",
  login: "登录时启动",
  loginHint: "在托盘中保留图标时，启动后不显示窗口。",
  loginUnsupported: "Digital Twin 无法在这里设置，请在系统设置中进行。",
  paused: "暂停所有后台活动",
  pausedHint: "目前指由模型拟标题：暂停期间以开头的几个词为标题。图标菜单中也有此项。",
  failed: "无法读取桌面集成的状态。",
  returned: "关闭窗口后，Digital Twin 会留在托盘中。要结束它，请在图标菜单中选择“退出”。",
  returnedSettings: "设置",
  /** The menu of the icon. */
  menu: {
    show: "显示 Digital Twin",
    new_chat: "新对话",
    pause: "暂停所有后台活动",
    quit: "退出",
  },
  /** In the quick window. */
  openInMain: "在主窗口中打开",
  hide: "隐藏 (Esc)",
  notReady: "还没有人来回答",
  notReadyText: "请先在主窗口中选择分身的回答方式。",
};
