package kern
