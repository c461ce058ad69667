-- --- @include and other comments are not ours.
--- @include "x"
return 1
