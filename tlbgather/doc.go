package tlbgather
