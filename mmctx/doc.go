package mmctx
