; The Windows installer: for the whole machine, silent with /S, removable; vaults and settings stay where they are.
;   makensis -DVERSION=0.1.0 -DFOLDER=/path/to/dist/oicdesk -DOUT=/path/to/oicdesk-0.1.0-setup.exe oicdesk.nsi
; -DQUICK packs at once and very large: to try the script.
; Silent:    oicdesk-0.1.0-setup.exe /S [/D=C:\Program Files\OICDesk]
; Removal:   "C:\Program Files\OICDesk\uninstall.exe" /S

!ifndef VERSION
  !error "Say which version: -DVERSION=..."
!endif
!ifndef FOLDER
  !error "Say which folder to pack: -DFOLDER=..."
!endif
!ifndef OUT
  !error "Say what to write: -DOUT=..."
!endif

Unicode true
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include x64.nsh

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\OICDesk"
!define STAYS "Vaults, backups and this computer's settings of OICDesk are not removed: they stay in the folders \
of the people who made them. Delete them only when nobody needs them any more."

Name "OICDesk ${VERSION}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\OICDesk"
InstallDirRegKey HKLM "${KEY}" "InstallLocation"
RequestExecutionLevel admin
!ifdef QUICK ; a try-out
  SetCompress off
!else
  SetCompressor /SOLID lzma
!endif
BrandingText "OICDesk ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey /LANG=2057 "ProductName" "OICDesk"
VIAddVersionKey /LANG=2057 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=2057 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=2057 "FileDescription" "OICDesk setup"
VIAddVersionKey /LANG=2057 "LegalCopyright" "MIT licence"

!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_LICENSE "${FOLDER}/_internal/licences/oicdesk/LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_UNCONFIRMPAGE_TEXT_TOP "${STAYS}"
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; A program in use cannot be replaced or removed.
!macro RefuseIfRunning
  ${If} ${FileExists} "$INSTDIR\oicdesk.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\oicdesk.exe" a
    ${If} ${Errors}
      MessageBox MB_ICONSTOP "OICDesk is open: close it on every desktop of this computer and start again." /SD IDOK
      SetErrorLevel 1
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "OICDesk needs 64-bit Windows." /SD IDOK
    SetErrorLevel 1
    Quit
  ${EndIf}
  SetRegView 64
  SetShellVarContext all
FunctionEnd

Function un.onInit
  SetRegView 64
  SetShellVarContext all
FunctionEnd

Section "OICDesk"
  !insertmacro RefuseIfRunning
  RMDir /r "$INSTDIR\_internal" ; what an older version brought
  SetOutPath "$INSTDIR"
  File /r "${FOLDER}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  ; The program without a console window where there is one.
  StrCpy $1 "$INSTDIR\oicdesk-desk.exe"
  ${IfNot} ${FileExists} "$1"
    StrCpy $1 "$INSTDIR\oicdesk.exe"
  ${EndIf}
  CreateShortcut "$SMPROGRAMS\OICDesk.lnk" "$1"

  WriteRegStr HKLM "${KEY}" "DisplayName" "OICDesk"
  WriteRegStr HKLM "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${KEY}" "DisplayIcon" "$1"
  WriteRegStr HKLM "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegStr HKLM "${KEY}" "Comments" "${STAYS}"
  WriteRegDWORD HKLM "${KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $2 $3
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKLM "${KEY}" "EstimatedSize" "$0"
SectionEnd

Section "Uninstall"
  !insertmacro RefuseIfRunning
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\oicdesk.exe"
  Delete "$INSTDIR\oicdesk-desk.exe"
  Delete "$INSTDIR\oicdesk" ; the name of the program in a folder built elsewhere
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only if nothing else lies in it
  Delete "$SMPROGRAMS\OICDesk.lnk"
  DeleteRegKey HKLM "${KEY}"
  DetailPrint "${STAYS}"
  MessageBox MB_ICONINFORMATION "${STAYS}" /SD IDOK
SectionEnd
