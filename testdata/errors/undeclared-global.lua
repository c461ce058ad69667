
return nosuch
