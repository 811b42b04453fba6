"""One entry at a time into the given dict."""

diagnosis = {}
diagnosis["A"] = "SoftmaxWithLoss"
diagnosis["B"] = "Affine2"
diagnosis["C"] = "healthy"
diagnosis["D"] = "Affine1"
diagnosis["E"] = "Relu1"
diagnosis["F"] = "Affine2"
