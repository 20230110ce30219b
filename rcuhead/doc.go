package rcuhead
