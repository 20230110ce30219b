package pgalloc
