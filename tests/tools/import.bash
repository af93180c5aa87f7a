# Loaded after helper by the tests of syncs: what a sync's record says.

# import ARGS...: quietly, with a JSON record as the last line.
import() {
	run rc-import -q -j "$@"
}

# field NAME: of the record that the last `run` printed with -j.
field() {
	jq -r ".$1" <<<"${lines[-1]}"
}
