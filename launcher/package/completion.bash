# Completion of gantry(8) for bash.
_gantry() {
  local words="up down reload status logs backup restore doctor run version help"
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  case $previous in
    --config | --from | backup | restore)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    up) words=--from ;;
    down) words=--all ;;
    logs) words="-f supervisor standalone agent" ;;
    -f) words="supervisor standalone agent" ;;
    run) words="standalone agent" ;;
    gantry) words="--config $words" ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _gantry gantry
