#map = affine_map<()[s0, s1] -> (s0, s1)>
#map1 = affine_map<()[s0, s1, s2] -> (s0, s1 + s2)>
#map2 = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 16)>
module attributes {llm.symbols = ["batch_size", "sequence_length", "past_sequence_length"]} {
  func.func @main(%arg0: tensor<?x?xi64, #map> {llm.name = "input_ids"}, %arg1: tensor<?x?xi64, #map1> {llm.name = "attention_mask"}, %arg2: tensor<?x?xi64, #map> {llm.name = "position_ids"}, %arg3: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.key"}, %arg4: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.value"}, %arg5: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.key"}, %arg6: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.value"}) -> (none {llm.name = "logits"}, none {llm.name = "present.0.key"}, none {llm.name = "present.0.value"}, none {llm.name = "present.1.key"}, none {llm.name = "present.1.value"}) {
    %0 = llm.weight <"source", [], {id = 0 : i64}, tensor<320x64xf32>> : tensor<320x64xf32>
    %1 = llm.constant dense<[0.961650967, 0.640332639, 0.973787844, 0.771315932, 1.45250499, 0.924612284, 1.16474509, 0.750013709, 0.917473435, 1.23146737, 0.867908716, 1.01182067, 0.871301293, 1.26518893, 0.996601521, 0.97588092, 0.849948168, 1.11283207, 1.3038106, 0.956662535, 0.960013866, 0.984468221, 1.1427331, 0.986684978, 1.20987904, 0.803588092, 0.821738719, 0.994226455, 0.907365679, 0.699171066, 0.698443889, 0.971141576, 1.05149484, 1.16902685, 0.967145562, 0.719867826, 1.28791583, 0.866231739, 1.036250e+00, 1.09032393, 1.06400168, 1.12278426, 1.07553542, 0.745056629, 0.937712908, 0.895624041, 1.48279798, 0.86476624, 1.41517794, 1.20900559, 1.14346576, 1.10472083, 0.946516633, 0.865659714, 1.08495581, 1.04133677, 1.01410437, 1.2698338, 1.07963991, 0.656723678, 0.820796549, 0.858986198, 1.21475756, 1.14294982]> : tensor<64xf32>
    %2 = llm.constant dense<[0.896047651, 0.871219456, 1.02083981, 1.34063756, 1.20964885, 0.971161127, 0.786200225, 0.613613844, 0.968177378, 1.28947687, 0.790925562, 0.934999108, 1.28177071, 0.882665991, 1.18590486, 0.750861585, 0.623232603, 1.38046515, 0.97269082, 1.04748273, 0.657438874, 1.47955024, 0.814865052, 0.845361769, 0.866075873, 1.07972431, 0.9386397, 1.22881091, 0.832076966, 0.829637706, 0.711759329, 1.23478603, 1.09538317, 0.881546139, 0.806465864, 1.20413423, 1.18943417, 0.803948462, 1.14115059, 1.00328016, 1.21011066, 1.1621393, 0.690364837, 1.03328156, 1.20911932, 0.86536324, 1.51557255, 1.18329465, 0.734930873, 0.756124079, 0.727681934, 0.942774891, 0.614024639, 1.058470e+00, 0.771177053, 0.886351585, 1.10986543, 0.707425833, 0.800698161, 1.08413386, 0.92157948, 1.1217947, 0.540475249, 0.571912766]> : tensor<64xf32>
    %3 = llm.constant dense<[0.822555899, 1.05523086, 0.959249377, 0.887286186, 1.2826581, 9.956290e-01, 0.525347114, 0.809387266, 0.826110959, 1.01597643, 9.711800e-01, 0.86476171, 0.959363043, 0.843282461, 1.08229339, 1.02702868, 0.983772158, 1.00085437, 0.908554434, 1.09542799, 1.09555089, 1.32642984, 1.04437399, 1.01073742, 1.23459089, 0.623512268, 9.761090e-01, 1.31121433, 1.02503633, 9.503970e-01, 1.16970658, 1.17062712, 1.15579331, 0.787596464, 0.759842395, 1.05435979, 1.37240613, 0.985955595, 1.0058589, 1.18492472, 1.16965234, 1.03398263, 1.04042602, 0.972859621, 1.07594323, 0.971829175, 0.924548447, 1.04375899, 0.934996962, 0.985079467, 1.07746732, 0.688873529, 1.18524647, 0.844717144, 0.802070498, 0.864202738, 0.695141673, 1.49529088, 0.940060555, 0.733945131, 0.967701792, 0.947464525, 0.506240547, 6.010710e-01]> : tensor<64xf32>
    %4 = llm.constant dense<[0.631445407, 0.717482089, 0.974039494, 1.19434738, 1.15920103, 1.06882036, 1.08450949, 0.810631394, 0.790939927, 1.14759755, 0.792040824, 0.869431495, 1.00860476, 0.832221984, 1.01694262, 1.41811013, 0.724265933, 1.28397465, 1.06360722, 0.848209917, 0.913953602, 1.03358889, 0.93143779, 1.03456008, 1.11425209, 1.33053803, 0.931780755, 1.04284513, 0.967629671, 0.846134424, 1.09702265, 0.850805699, 1.34966469, 0.794662714, 0.853223502, 0.751904904, 1.09342575, 0.959840893, 0.644282937, 0.93437916, 0.765494465, 1.18876672, 0.842900515, 0.942440986, 0.952541708, 1.23412919, 1.06108165, 1.05519617, 1.11961663, 1.05610812, 0.634987712, 1.03072596, 1.19519675, 1.16877699, 0.852540493, 0.949261426, 1.21469057, 0.889110267, 1.21114469, 0.676483512, 1.05769587, 0.864414393, 1.25639117, 0.790394246]> : tensor<64xf32>
    %5 = llm.constant dense<[0.839123249, 0.692064881, 0.916539669, 1.04223371, 1.24671042, 1.10401535, 1.06169844, 1.23754787, 0.98735845, 1.07021773, 0.889894247, 0.978267788, 0.835208475, 1.05095387, 0.669860601, 0.897091269, 1.12703693, 0.940782309, 0.976063489, 0.77805525, 1.14757252, 1.00214207, 0.974482119, 0.923403263, 1.09070766, 0.937628567, 0.991012692, 9.388350e-01, 1.07805932, 1.33602786, 1.07612991, 0.889015793, 1.22586358, 1.12685597, 1.04747176, 1.82145023, 1.26169229, 0.87111634, 0.839118421, 1.19983053, 1.13350058, 0.689913869, 0.907486617, 1.01676524, 1.05471134, 0.996138989, 1.21774626, 1.36471069, 1.0541954, 0.997324943, 1.10505939, 0.457743824, 0.881654441, 0.96978408, 1.15439451, 0.892558097, 0.732486963, 1.32653952, 0.817110777, 0.952258944, 0.94027549, 1.14726281, 0.997291743, 1.31015277]> : tensor<64xf32>
    %6 = llm.weight <"source", [], {id = 1 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %7 = llm.weight <"source", [], {id = 2 : i64}, tensor<64x32xf32>> : tensor<64x32xf32>
    %8 = llm.weight <"source", [], {id = 3 : i64}, tensor<64x32xf32>> : tensor<64x32xf32>
    %9 = llm.weight <"source", [], {id = 4 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %10 = llm.weight <"source", [], {id = 5 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %11 = llm.weight <"source", [], {id = 6 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %12 = llm.weight <"source", [], {id = 7 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %13 = llm.weight <"source", [], {id = 8 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %14 = llm.weight <"source", [], {id = 9 : i64}, tensor<64x32xf32>> : tensor<64x32xf32>
    %15 = llm.weight <"source", [], {id = 10 : i64}, tensor<64x32xf32>> : tensor<64x32xf32>
    %16 = llm.weight <"source", [], {id = 11 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %17 = llm.weight <"source", [], {id = 12 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %18 = llm.weight <"source", [], {id = 13 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %19 = llm.weight <"source", [], {id = 14 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %20 = llm.weight <"source", [], {id = 15 : i64}, tensor<64x320xf32>> : tensor<64x320xf32>
    %21 = onnx.node "Gather"(%0, %arg0) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (tensor<320x64xf32>, tensor<?x?xi64, #map>) -> none 
    %22 = onnx.node "Shape"(%arg3) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (tensor<?x2x?x16xf32, #map2>) -> none 
    %23 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %24 = onnx.node "Gather"(%22, %23) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %25 = onnx.node "Shape"(%21) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %26 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %27 = onnx.node "Gather"(%25, %26) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %28 = onnx.node "Add"(%24, %27) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %29 = onnx.node "Cast"(%24) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %30 = onnx.node "Cast"(%28) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %31 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %32 = onnx.node "Range"(%29, %30, %31) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %33 = onnx.node "Cast"(%arg1) {op_domain = "", params = {to = 9 : i64}, subgraphs = [], version = 18 : i64} : (tensor<?x?xi64, #map1>) -> none 
    %34 = onnx.node "Shape"(%32) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %35 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %36 = onnx.node "Gather"(%34, %35) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %37 = onnx.node "Add"(%24, %36) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %38 = onnx.node "Shape"(%21) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %39 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %40 = onnx.node "Gather"(%38, %39) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %41 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %42 = onnx.node "Unsqueeze"(%32, %41) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %43 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %44 = onnx.node "Unsqueeze"(%42, %43) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %45 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %46 = onnx.node "Unsqueeze"(%44, %45) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %47 = onnx.node "Cast"(%40) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %48 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %49 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %50 = onnx.node "Range"(%48, %47, %49) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %51 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %52 = onnx.node "Unsqueeze"(%50, %51) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %53 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %54 = onnx.node "Unsqueeze"(%52, %53) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %55 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %56 = onnx.node "Unsqueeze"(%54, %55) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %57 = onnx.node "Cast"(%37) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %58 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %59 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %60 = onnx.node "Range"(%58, %57, %59) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %61 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %62 = onnx.node "Unsqueeze"(%60, %61) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %63 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %64 = onnx.node "Unsqueeze"(%62, %63) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %65 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %66 = onnx.node "Unsqueeze"(%64, %65) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %67 = onnx.node "Constant"() {op_domain = "", params = {value = dense<> : tensor<0xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %68 = onnx.node "ConstantOfShape"(%67) {op_domain = "", params = {value = dense<true> : tensor<1xi1>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %69 = onnx.node "LessOrEqual"(%66, %46) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %70 = onnx.node "Cast"(%69) {op_domain = "", params = {to = 9 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %71 = onnx.node "And"(%68, %70) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %72 = onnx.node "Shape"(%33) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %73 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %74 = onnx.node "Gather"(%72, %73) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %75 = onnx.node "Flatten"(%33) {op_domain = "", params = {axis = 2 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %76 = onnx.node "Mul"(%56, %74) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %77 = onnx.node "Add"(%66, %76) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %78 = onnx.node "Gather"(%75, %77) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %79 = onnx.node "Shape"(%77) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %80 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %81 = onnx.node "Reshape"(%78, %80) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %82 = onnx.node "Concat"(%79) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %83 = onnx.node "Reshape"(%81, %82) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %84 = onnx.node "Cast"(%83) {op_domain = "", params = {to = 9 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %85 = onnx.node "And"(%71, %84) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %86 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %87 = onnx.node "Unsqueeze"(%40, %86) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %88 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %89 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %90 = onnx.node "Unsqueeze"(%36, %89) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %91 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %92 = onnx.node "Unsqueeze"(%37, %91) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %93 = onnx.node "Concat"(%87, %88, %90, %92) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %94 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %95 = onnx.node "Reshape"(%93, %94) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %96 = onnx.node "Shape"(%95) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %97 = onnx.node "ConstantOfShape"(%96) {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %98 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %99 = onnx.node "Mul"(%97, %98) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %100 = onnx.node "Equal"(%95, %99) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %101 = onnx.node "Where"(%100, %97, %95) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %102 = onnx.node "Expand"(%85, %101) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %103 = onnx.node "Constant"() {op_domain = "", params = {value = dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %104 = onnx.node "Shape"(%arg2) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (tensor<?x?xi64, #map>) -> none 
    %105 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %106 = onnx.node "Gather"(%104, %105) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %107 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %108 = onnx.node "Unsqueeze"(%106, %107) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %109 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %110 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %111 = onnx.node "Concat"(%108, %109, %110) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %112 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %113 = onnx.node "Reshape"(%111, %112) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %114 = onnx.node "Shape"(%113) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %115 = onnx.node "ConstantOfShape"(%114) {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %116 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %117 = onnx.node "Mul"(%115, %116) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %118 = onnx.node "Equal"(%113, %117) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %119 = onnx.node "Where"(%118, %115, %113) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %120 = onnx.node "Expand"(%103, %119) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %121 = onnx.node "Cast"(%120) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %122 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %123 = onnx.node "Unsqueeze"(%arg2, %122) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (tensor<?x?xi64, #map>, none) -> none 
    %124 = onnx.node "Cast"(%123) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %125 = onnx.node "Cast"(%121) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %126 = onnx.node "Cast"(%124) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %127 = onnx.node "MatMul"(%125, %126) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %128 = onnx.node "Transpose"(%127) {op_domain = "", params = {perm = array<i64: 0, 2, 1>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %129 = onnx.node "Concat"(%128, %128) {op_domain = "", params = {axis = -1 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %130 = onnx.node "Cos"(%129) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %131 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %132 = onnx.node "Mul"(%130, %131) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %133 = onnx.node "Sin"(%129) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %134 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %135 = onnx.node "Mul"(%133, %134) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %136 = onnx.node "Cast"(%132) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %137 = onnx.node "Cast"(%135) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %138 = onnx.node "Cast"(%21) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %139 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %140 = onnx.node "Pow"(%138, %139) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %141 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %142 = onnx.node "ReduceMean"(%140, %141) {op_domain = "", params = {keepdims = 1 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %143 = onnx.node "Constant"() {op_domain = "", params = {value = dense<9.99999997E-7> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %144 = onnx.node "Add"(%142, %143) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %145 = onnx.node "Sqrt"(%144) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %146 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %147 = onnx.node "Div"(%146, %145) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %148 = onnx.node "Mul"(%138, %147) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %149 = onnx.node "Cast"(%148) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %150 = onnx.node "Mul"(%1, %149) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (tensor<64xf32>, none) -> none 
    %151 = onnx.node "Shape"(%150) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %152 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %153 = onnx.node "Gather"(%151, %152) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %154 = onnx.node "Shape"(%150) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %155 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %156 = onnx.node "Gather"(%154, %155) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %157 = onnx.node "MatMul"(%150, %6) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x64xf32>) -> none 
    %158 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %159 = onnx.node "Unsqueeze"(%153, %158) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %160 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %161 = onnx.node "Unsqueeze"(%156, %160) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %162 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %163 = onnx.node "Constant"() {op_domain = "", params = {value = dense<16> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %164 = onnx.node "Concat"(%159, %161, %162, %163) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %165 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %166 = onnx.node "Unsqueeze"(%153, %165) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %167 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %168 = onnx.node "Unsqueeze"(%156, %167) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %169 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %170 = onnx.node "Constant"() {op_domain = "", params = {value = dense<16> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %171 = onnx.node "Concat"(%166, %168, %169, %170) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %172 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %173 = onnx.node "Unsqueeze"(%153, %172) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %174 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %175 = onnx.node "Unsqueeze"(%156, %174) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %176 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %177 = onnx.node "Constant"() {op_domain = "", params = {value = dense<16> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %178 = onnx.node "Concat"(%173, %175, %176, %177) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %179 = onnx.node "Reshape"(%157, %164) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %180 = onnx.node "Transpose"(%179) {op_domain = "", params = {perm = array<i64: 0, 2, 1, 3>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %181 = onnx.node "MatMul"(%150, %7) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x32xf32>) -> none 
    %182 = onnx.node "Reshape"(%181, %171) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %183 = onnx.node "Transpose"(%182) {op_domain = "", params = {perm = array<i64: 0, 2, 1, 3>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %184 = onnx.node "MatMul"(%150, %8) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x32xf32>) -> none 
    %185 = onnx.node "Reshape"(%184, %178) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %186 = onnx.node "Transpose"(%185) {op_domain = "", params = {perm = array<i64: 0, 2, 1, 3>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %187 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %188 = onnx.node "Unsqueeze"(%136, %187) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %189 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %190 = onnx.node "Unsqueeze"(%137, %189) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %191 = onnx.node "Mul"(%180, %188) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %192 = onnx.node "Shape"(%180) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %193 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %194 = onnx.node "Gather"(%192, %193) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %195 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %196 = onnx.node "Div"(%194, %195) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %197 = onnx.node "Cast"(%196) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %198 = onnx.node "Cast"(%197) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %199 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %200 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %201 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %202 = onnx.node "Unsqueeze"(%198, %201) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %203 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %204 = onnx.node "Slice"(%180, %200, %202, %199, %203) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %205 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %206 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %207 = onnx.node "Unsqueeze"(%198, %206) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %208 = onnx.node "Constant"() {op_domain = "", params = {value = dense<9223372036854775807> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %209 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %210 = onnx.node "Slice"(%180, %207, %208, %205, %209) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %211 = onnx.node "Neg"(%210) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %212 = onnx.node "Concat"(%211, %204) {op_domain = "", params = {axis = -1 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %213 = onnx.node "Mul"(%212, %190) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %214 = onnx.node "Add"(%191, %213) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %215 = onnx.node "Mul"(%183, %188) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %216 = onnx.node "Shape"(%183) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %217 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %218 = onnx.node "Gather"(%216, %217) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %219 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %220 = onnx.node "Div"(%218, %219) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %221 = onnx.node "Cast"(%220) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %222 = onnx.node "Cast"(%221) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %223 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %224 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %225 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %226 = onnx.node "Unsqueeze"(%222, %225) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %227 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %228 = onnx.node "Slice"(%183, %224, %226, %223, %227) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %229 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %230 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %231 = onnx.node "Unsqueeze"(%222, %230) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %232 = onnx.node "Constant"() {op_domain = "", params = {value = dense<9223372036854775807> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %233 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %234 = onnx.node "Slice"(%183, %231, %232, %229, %233) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %235 = onnx.node "Neg"(%234) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %236 = onnx.node "Concat"(%235, %228) {op_domain = "", params = {axis = -1 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %237 = onnx.node "Mul"(%236, %190) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %238 = onnx.node "Add"(%215, %237) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %239 = onnx.node "Concat"(%arg3, %238) {op_domain = "", params = {axis = -2 : i64}, subgraphs = [], version = 18 : i64} : (tensor<?x2x?x16xf32, #map2>, none) -> none 
    %240 = onnx.node "Concat"(%arg4, %186) {op_domain = "", params = {axis = -2 : i64}, subgraphs = [], version = 18 : i64} : (tensor<?x2x?x16xf32, #map2>, none) -> none 
    %241 = onnx.node "Shape"(%239) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %242 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %243 = onnx.node "Gather"(%241, %242) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %244 = onnx.node "Shape"(%239) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %245 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %246 = onnx.node "Gather"(%244, %245) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %247 = onnx.node "Shape"(%239) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %248 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %249 = onnx.node "Gather"(%247, %248) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %250 = onnx.node "Shape"(%239) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %251 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %252 = onnx.node "Gather"(%250, %251) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %253 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %254 = onnx.node "Unsqueeze"(%239, %253) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %255 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %256 = onnx.node "Unsqueeze"(%243, %255) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %257 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %258 = onnx.node "Unsqueeze"(%246, %257) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %259 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %260 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %261 = onnx.node "Unsqueeze"(%249, %260) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %262 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %263 = onnx.node "Unsqueeze"(%252, %262) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %264 = onnx.node "Concat"(%256, %258, %259, %261, %263) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %265 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %266 = onnx.node "Reshape"(%264, %265) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %267 = onnx.node "Shape"(%266) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %268 = onnx.node "ConstantOfShape"(%267) {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %269 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %270 = onnx.node "Mul"(%268, %269) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %271 = onnx.node "Equal"(%266, %270) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %272 = onnx.node "Where"(%271, %268, %266) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %273 = onnx.node "Expand"(%254, %272) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %274 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %275 = onnx.node "Mul"(%246, %274) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %276 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %277 = onnx.node "Unsqueeze"(%243, %276) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %278 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %279 = onnx.node "Unsqueeze"(%275, %278) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %280 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %281 = onnx.node "Unsqueeze"(%249, %280) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %282 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %283 = onnx.node "Unsqueeze"(%252, %282) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %284 = onnx.node "Concat"(%277, %279, %281, %283) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %285 = onnx.node "Reshape"(%273, %284) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %286 = onnx.node "Shape"(%240) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %287 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %288 = onnx.node "Gather"(%286, %287) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %289 = onnx.node "Shape"(%240) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %290 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %291 = onnx.node "Gather"(%289, %290) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %292 = onnx.node "Shape"(%240) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %293 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %294 = onnx.node "Gather"(%292, %293) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %295 = onnx.node "Shape"(%240) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %296 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %297 = onnx.node "Gather"(%295, %296) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %298 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %299 = onnx.node "Unsqueeze"(%240, %298) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %300 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %301 = onnx.node "Unsqueeze"(%288, %300) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %302 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %303 = onnx.node "Unsqueeze"(%291, %302) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %304 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %305 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %306 = onnx.node "Unsqueeze"(%294, %305) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %307 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %308 = onnx.node "Unsqueeze"(%297, %307) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %309 = onnx.node "Concat"(%301, %303, %304, %306, %308) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %310 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %311 = onnx.node "Reshape"(%309, %310) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %312 = onnx.node "Shape"(%311) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %313 = onnx.node "ConstantOfShape"(%312) {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %314 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %315 = onnx.node "Mul"(%313, %314) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %316 = onnx.node "Equal"(%311, %315) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %317 = onnx.node "Where"(%316, %313, %311) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %318 = onnx.node "Expand"(%299, %317) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %319 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %320 = onnx.node "Mul"(%291, %319) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %321 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %322 = onnx.node "Unsqueeze"(%288, %321) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %323 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %324 = onnx.node "Unsqueeze"(%320, %323) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %325 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %326 = onnx.node "Unsqueeze"(%294, %325) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %327 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %328 = onnx.node "Unsqueeze"(%297, %327) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %329 = onnx.node "Concat"(%322, %324, %326, %328) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %330 = onnx.node "Reshape"(%318, %329) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %331 = onnx.node "Shape"(%285) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %332 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %333 = onnx.node "Gather"(%331, %332) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %334 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %335 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %336 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %337 = onnx.node "Unsqueeze"(%333, %336) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %338 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %339 = onnx.node "Slice"(%102, %335, %337, %334, %338) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %340 = onnx.node "Transpose"(%285) {op_domain = "", params = {perm = array<i64: 0, 1, 3, 2>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %341 = onnx.node "Constant"() {op_domain = "", params = {value = dense<5.000000e-01> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %342 = onnx.node "Mul"(%214, %341) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %343 = onnx.node "Constant"() {op_domain = "", params = {value = dense<5.000000e-01> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %344 = onnx.node "Mul"(%340, %343) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %345 = onnx.node "MatMul"(%342, %344) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %346 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0.000000e+00> : tensor<1xf32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %347 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0xFF800000> : tensor<1xf32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %348 = onnx.node "Where"(%339, %346, %347) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %349 = onnx.node "Add"(%345, %348) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %350 = onnx.node "Softmax"(%349) {op_domain = "", params = {axis = -1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %351 = onnx.node "IsNaN"(%350) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %352 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0.000000e+00> : tensor<1xf32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %353 = onnx.node "Where"(%351, %352, %350) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %354 = onnx.node "MatMul"(%353, %330) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %355 = onnx.node "Transpose"(%354) {op_domain = "", params = {perm = array<i64: 0, 2, 1, 3>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %356 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %357 = onnx.node "Unsqueeze"(%153, %356) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %358 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %359 = onnx.node "Unsqueeze"(%156, %358) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %360 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %361 = onnx.node "Concat"(%357, %359, %360) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %362 = onnx.node "Reshape"(%355, %361) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %363 = onnx.node "MatMul"(%362, %9) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x64xf32>) -> none 
    %364 = onnx.node "Add"(%138, %363) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %365 = onnx.node "Cast"(%364) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %366 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %367 = onnx.node "Pow"(%365, %366) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %368 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %369 = onnx.node "ReduceMean"(%367, %368) {op_domain = "", params = {keepdims = 1 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %370 = onnx.node "Constant"() {op_domain = "", params = {value = dense<9.99999997E-7> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %371 = onnx.node "Add"(%369, %370) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %372 = onnx.node "Sqrt"(%371) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %373 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %374 = onnx.node "Div"(%373, %372) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %375 = onnx.node "Mul"(%365, %374) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %376 = onnx.node "Cast"(%375) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %377 = onnx.node "Mul"(%2, %376) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (tensor<64xf32>, none) -> none 
    %378 = onnx.node "MatMul"(%377, %10) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x80xf32>) -> none 
    %379 = onnx.node "Sigmoid"(%378) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %380 = onnx.node "Mul"(%378, %379) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %381 = onnx.node "MatMul"(%377, %11) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x80xf32>) -> none 
    %382 = onnx.node "Mul"(%380, %381) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %383 = onnx.node "MatMul"(%382, %12) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<80x64xf32>) -> none 
    %384 = onnx.node "Add"(%365, %383) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %385 = onnx.node "Cast"(%384) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %386 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %387 = onnx.node "Pow"(%385, %386) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %388 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %389 = onnx.node "ReduceMean"(%387, %388) {op_domain = "", params = {keepdims = 1 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %390 = onnx.node "Constant"() {op_domain = "", params = {value = dense<9.99999997E-7> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %391 = onnx.node "Add"(%389, %390) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %392 = onnx.node "Sqrt"(%391) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %393 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %394 = onnx.node "Div"(%393, %392) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %395 = onnx.node "Mul"(%385, %394) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %396 = onnx.node "Cast"(%395) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %397 = onnx.node "Mul"(%3, %396) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (tensor<64xf32>, none) -> none 
    %398 = onnx.node "Shape"(%397) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %399 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %400 = onnx.node "Gather"(%398, %399) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %401 = onnx.node "Shape"(%397) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %402 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %403 = onnx.node "Gather"(%401, %402) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %404 = onnx.node "MatMul"(%397, %13) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x64xf32>) -> none 
    %405 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %406 = onnx.node "Unsqueeze"(%400, %405) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %407 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %408 = onnx.node "Unsqueeze"(%403, %407) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %409 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %410 = onnx.node "Constant"() {op_domain = "", params = {value = dense<16> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %411 = onnx.node "Concat"(%406, %408, %409, %410) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %412 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %413 = onnx.node "Unsqueeze"(%400, %412) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %414 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %415 = onnx.node "Unsqueeze"(%403, %414) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %416 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %417 = onnx.node "Constant"() {op_domain = "", params = {value = dense<16> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %418 = onnx.node "Concat"(%413, %415, %416, %417) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %419 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %420 = onnx.node "Unsqueeze"(%400, %419) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %421 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %422 = onnx.node "Unsqueeze"(%403, %421) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %423 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %424 = onnx.node "Constant"() {op_domain = "", params = {value = dense<16> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %425 = onnx.node "Concat"(%420, %422, %423, %424) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %426 = onnx.node "Reshape"(%404, %411) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %427 = onnx.node "Transpose"(%426) {op_domain = "", params = {perm = array<i64: 0, 2, 1, 3>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %428 = onnx.node "MatMul"(%397, %14) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x32xf32>) -> none 
    %429 = onnx.node "Reshape"(%428, %418) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %430 = onnx.node "Transpose"(%429) {op_domain = "", params = {perm = array<i64: 0, 2, 1, 3>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %431 = onnx.node "MatMul"(%397, %15) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x32xf32>) -> none 
    %432 = onnx.node "Reshape"(%431, %425) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %433 = onnx.node "Transpose"(%432) {op_domain = "", params = {perm = array<i64: 0, 2, 1, 3>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %434 = onnx.node "Mul"(%427, %188) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %435 = onnx.node "Shape"(%427) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %436 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %437 = onnx.node "Gather"(%435, %436) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %438 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %439 = onnx.node "Div"(%437, %438) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %440 = onnx.node "Cast"(%439) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %441 = onnx.node "Cast"(%440) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %442 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %443 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %444 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %445 = onnx.node "Unsqueeze"(%441, %444) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %446 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %447 = onnx.node "Slice"(%427, %443, %445, %442, %446) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %448 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %449 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %450 = onnx.node "Unsqueeze"(%441, %449) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %451 = onnx.node "Constant"() {op_domain = "", params = {value = dense<9223372036854775807> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %452 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %453 = onnx.node "Slice"(%427, %450, %451, %448, %452) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %454 = onnx.node "Neg"(%453) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %455 = onnx.node "Concat"(%454, %447) {op_domain = "", params = {axis = -1 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %456 = onnx.node "Mul"(%455, %190) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %457 = onnx.node "Add"(%434, %456) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %458 = onnx.node "Mul"(%430, %188) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %459 = onnx.node "Shape"(%430) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %460 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %461 = onnx.node "Gather"(%459, %460) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %462 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %463 = onnx.node "Div"(%461, %462) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %464 = onnx.node "Cast"(%463) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %465 = onnx.node "Cast"(%464) {op_domain = "", params = {to = 7 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %466 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %467 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %468 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %469 = onnx.node "Unsqueeze"(%465, %468) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %470 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %471 = onnx.node "Slice"(%430, %467, %469, %466, %470) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %472 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %473 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %474 = onnx.node "Unsqueeze"(%465, %473) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %475 = onnx.node "Constant"() {op_domain = "", params = {value = dense<9223372036854775807> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %476 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %477 = onnx.node "Slice"(%430, %474, %475, %472, %476) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %478 = onnx.node "Neg"(%477) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %479 = onnx.node "Concat"(%478, %471) {op_domain = "", params = {axis = -1 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %480 = onnx.node "Mul"(%479, %190) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %481 = onnx.node "Add"(%458, %480) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %482 = onnx.node "Concat"(%arg5, %481) {op_domain = "", params = {axis = -2 : i64}, subgraphs = [], version = 18 : i64} : (tensor<?x2x?x16xf32, #map2>, none) -> none 
    %483 = onnx.node "Concat"(%arg6, %433) {op_domain = "", params = {axis = -2 : i64}, subgraphs = [], version = 18 : i64} : (tensor<?x2x?x16xf32, #map2>, none) -> none 
    %484 = onnx.node "Shape"(%482) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %485 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %486 = onnx.node "Gather"(%484, %485) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %487 = onnx.node "Shape"(%482) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %488 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %489 = onnx.node "Gather"(%487, %488) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %490 = onnx.node "Shape"(%482) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %491 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %492 = onnx.node "Gather"(%490, %491) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %493 = onnx.node "Shape"(%482) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %494 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %495 = onnx.node "Gather"(%493, %494) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %496 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %497 = onnx.node "Unsqueeze"(%482, %496) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %498 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %499 = onnx.node "Unsqueeze"(%486, %498) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %500 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %501 = onnx.node "Unsqueeze"(%489, %500) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %502 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %503 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %504 = onnx.node "Unsqueeze"(%492, %503) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %505 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %506 = onnx.node "Unsqueeze"(%495, %505) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %507 = onnx.node "Concat"(%499, %501, %502, %504, %506) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %508 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %509 = onnx.node "Reshape"(%507, %508) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %510 = onnx.node "Shape"(%509) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %511 = onnx.node "ConstantOfShape"(%510) {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %512 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %513 = onnx.node "Mul"(%511, %512) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %514 = onnx.node "Equal"(%509, %513) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %515 = onnx.node "Where"(%514, %511, %509) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %516 = onnx.node "Expand"(%497, %515) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %517 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %518 = onnx.node "Mul"(%489, %517) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %519 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %520 = onnx.node "Unsqueeze"(%486, %519) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %521 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %522 = onnx.node "Unsqueeze"(%518, %521) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %523 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %524 = onnx.node "Unsqueeze"(%492, %523) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %525 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %526 = onnx.node "Unsqueeze"(%495, %525) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %527 = onnx.node "Concat"(%520, %522, %524, %526) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %528 = onnx.node "Reshape"(%516, %527) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %529 = onnx.node "Shape"(%483) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %530 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %531 = onnx.node "Gather"(%529, %530) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %532 = onnx.node "Shape"(%483) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %533 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %534 = onnx.node "Gather"(%532, %533) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %535 = onnx.node "Shape"(%483) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %536 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %537 = onnx.node "Gather"(%535, %536) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %538 = onnx.node "Shape"(%483) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %539 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %540 = onnx.node "Gather"(%538, %539) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %541 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %542 = onnx.node "Unsqueeze"(%483, %541) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %543 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %544 = onnx.node "Unsqueeze"(%531, %543) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %545 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %546 = onnx.node "Unsqueeze"(%534, %545) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %547 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %548 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %549 = onnx.node "Unsqueeze"(%537, %548) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %550 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %551 = onnx.node "Unsqueeze"(%540, %550) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %552 = onnx.node "Concat"(%544, %546, %547, %549, %551) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %553 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %554 = onnx.node "Reshape"(%552, %553) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %555 = onnx.node "Shape"(%554) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %556 = onnx.node "ConstantOfShape"(%555) {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %557 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %558 = onnx.node "Mul"(%556, %557) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %559 = onnx.node "Equal"(%554, %558) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %560 = onnx.node "Where"(%559, %556, %554) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %561 = onnx.node "Expand"(%542, %560) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %562 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %563 = onnx.node "Mul"(%534, %562) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %564 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %565 = onnx.node "Unsqueeze"(%531, %564) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %566 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %567 = onnx.node "Unsqueeze"(%563, %566) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %568 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %569 = onnx.node "Unsqueeze"(%537, %568) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %570 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %571 = onnx.node "Unsqueeze"(%540, %570) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %572 = onnx.node "Concat"(%565, %567, %569, %571) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none, none) -> none 
    %573 = onnx.node "Reshape"(%561, %572) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %574 = onnx.node "Shape"(%528) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %575 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2> : tensor<i64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %576 = onnx.node "Gather"(%574, %575) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %577 = onnx.node "Constant"() {op_domain = "", params = {value = dense<3> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %578 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %579 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %580 = onnx.node "Unsqueeze"(%576, %579) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %581 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %582 = onnx.node "Slice"(%102, %578, %580, %577, %581) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none, none, none) -> none 
    %583 = onnx.node "Transpose"(%528) {op_domain = "", params = {perm = array<i64: 0, 1, 3, 2>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %584 = onnx.node "Constant"() {op_domain = "", params = {value = dense<5.000000e-01> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %585 = onnx.node "Mul"(%457, %584) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %586 = onnx.node "Constant"() {op_domain = "", params = {value = dense<5.000000e-01> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %587 = onnx.node "Mul"(%583, %586) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %588 = onnx.node "MatMul"(%585, %587) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %589 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0.000000e+00> : tensor<1xf32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %590 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0xFF800000> : tensor<1xf32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %591 = onnx.node "Where"(%582, %589, %590) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %592 = onnx.node "Add"(%588, %591) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %593 = onnx.node "Softmax"(%592) {op_domain = "", params = {axis = -1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %594 = onnx.node "IsNaN"(%593) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %595 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0.000000e+00> : tensor<1xf32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %596 = onnx.node "Where"(%594, %595, %593) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %597 = onnx.node "MatMul"(%596, %573) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %598 = onnx.node "Transpose"(%597) {op_domain = "", params = {perm = array<i64: 0, 2, 1, 3>}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %599 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %600 = onnx.node "Unsqueeze"(%400, %599) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %601 = onnx.node "Constant"() {op_domain = "", params = {value = dense<0> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %602 = onnx.node "Unsqueeze"(%403, %601) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %603 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %604 = onnx.node "Concat"(%600, %602, %603) {op_domain = "", params = {axis = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none, none) -> none 
    %605 = onnx.node "Reshape"(%598, %604) {op_domain = "", params = {allowzero = 0 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %606 = onnx.node "MatMul"(%605, %16) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x64xf32>) -> none 
    %607 = onnx.node "Add"(%385, %606) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %608 = onnx.node "Cast"(%607) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %609 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %610 = onnx.node "Pow"(%608, %609) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %611 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %612 = onnx.node "ReduceMean"(%610, %611) {op_domain = "", params = {keepdims = 1 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %613 = onnx.node "Constant"() {op_domain = "", params = {value = dense<9.99999997E-7> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %614 = onnx.node "Add"(%612, %613) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %615 = onnx.node "Sqrt"(%614) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %616 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %617 = onnx.node "Div"(%616, %615) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %618 = onnx.node "Mul"(%608, %617) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %619 = onnx.node "Cast"(%618) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %620 = onnx.node "Mul"(%4, %619) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (tensor<64xf32>, none) -> none 
    %621 = onnx.node "MatMul"(%620, %17) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x80xf32>) -> none 
    %622 = onnx.node "Sigmoid"(%621) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %623 = onnx.node "Mul"(%621, %622) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %624 = onnx.node "MatMul"(%620, %18) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x80xf32>) -> none 
    %625 = onnx.node "Mul"(%623, %624) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %626 = onnx.node "MatMul"(%625, %19) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<80x64xf32>) -> none 
    %627 = onnx.node "Add"(%608, %626) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %628 = onnx.node "Cast"(%627) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %629 = onnx.node "Constant"() {op_domain = "", params = {value = dense<2.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %630 = onnx.node "Pow"(%628, %629) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %631 = onnx.node "Constant"() {op_domain = "", params = {value = dense<-1> : tensor<1xi64>}, subgraphs = [], version = 18 : i64} : () -> none 
    %632 = onnx.node "ReduceMean"(%630, %631) {op_domain = "", params = {keepdims = 1 : i64}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %633 = onnx.node "Constant"() {op_domain = "", params = {value = dense<9.99999997E-7> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %634 = onnx.node "Add"(%632, %633) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %635 = onnx.node "Sqrt"(%634) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %636 = onnx.node "Constant"() {op_domain = "", params = {value = dense<1.000000e+00> : tensor<f32>}, subgraphs = [], version = 18 : i64} : () -> none 
    %637 = onnx.node "Div"(%636, %635) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %638 = onnx.node "Mul"(%628, %637) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, none) -> none 
    %639 = onnx.node "Cast"(%638) {op_domain = "", params = {to = 1 : i64}, subgraphs = [], version = 18 : i64} : (none) -> none 
    %640 = onnx.node "Mul"(%5, %639) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (tensor<64xf32>, none) -> none 
    %641 = onnx.node "MatMul"(%640, %20) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none, tensor<64x320xf32>) -> none 
    return %641, %239, %240, %482, %483 : none, none, none, none, none
  }
}
