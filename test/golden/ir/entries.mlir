#map = affine_map<()[s0, s1] -> (s0, s1)>
#map1 = affine_map<()[s0, s1, s2] -> (s0, s1 + s2)>
#map2 = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 16)>
#map3 = affine_map<()[s0, s1] -> (s0, s1, 320)>
#map4 = affine_map<()[s0, s1, s2] -> (s0, 2, s1 + s2, 16)>
#map5 = affine_map<()[s0, s1] -> (s0, s1, 64)>
#map6 = affine_map<()[s0, s1] -> (s0, s1, 128)>
#map7 = affine_map<() -> (0, 0, 0)>
#map8 = affine_map<() -> (0, 0, 64)>
#map9 = affine_map<()[s0, s1] -> (s0, s1, 32)>
#map10 = affine_map<() -> (0, 0, 96)>
#map11 = affine_map<()[s0, s1] -> (s0, s1, 4, 16)>
#map12 = affine_map<()[s0, s1] -> (s0, s1, 2, 16)>
#map13 = affine_map<()[s0, s1, s2] -> (s2)>
#map14 = affine_map<()[s0] -> (s0, 1, 320)>
#map15 = affine_map<()[s0, s1] -> (0, s1 - 1, 0, 0)>
#map16 = affine_map<()[s0] -> (s0, 1, 4, 16)>
#map17 = affine_map<()[s0] -> (s0, 1, 64)>
#map18 = affine_map<()[s0, s1] -> (0, s1 - 1, 0)>
#map19 = affine_map<()[s0] -> (s0, 1)>
#map20 = affine_map<()[s0, s1, s2] -> (s0, s2 + 1)>
#map21 = affine_map<()[s0] -> (s0, 1, 128)>
#map22 = affine_map<()[s0] -> (s0, 1, 32)>
#map23 = affine_map<()[s0] -> (s0, 1, 2, 16)>
#map24 = affine_map<()[s0, s1, s2] -> (s0, 2, s2 + 1, 16)>
#map25 = affine_map<()[s0, s1] -> (1, s1)>
#map26 = affine_map<()[s0, s1, s2] -> (1, 2, s2, 16)>
#map27 = affine_map<()[s0, s1, s2, s3] -> (s3)>
#map28 = affine_map<()[s0, s1, s2, s3, s4] -> (s4)>
#map29 = affine_map<()[s0, s1, s2, s3, s4] -> (1, s4, 320)>
#map30 = affine_map<()[s0, s1] -> (1, s1, 64)>
#map31 = affine_map<()[s0, s1] -> (1, s1, 128)>
#map32 = affine_map<()[s0, s1] -> (1, s1, 32)>
#map33 = affine_map<()[s0, s1] -> (1, s1, 4, 16)>
#map34 = affine_map<()[s0, s1] -> (1, s1, 2, 16)>
#map35 = affine_map<()[s0, s1, s2] -> (1, 2, s1 + s2, 16)>
#map36 = affine_map<()[s0, s1, s2, s3, s4] -> (1, s4, 4, 16)>
#map37 = affine_map<()[s0, s1, s2, s3, s4] -> (1, s4, 64)>
module attributes {llm.symbols = ["batch_size", "sequence_length", "past_sequence_length", "segments", "rows"]} {
  func.func @main(%arg0: tensor<?x?xi64, #map> {llm.name = "input_ids", llm.role = "tokens"}, %arg1: tensor<?x?xi64, #map1> {llm.name = "attention_mask", llm.role = "attention_mask"}, %arg2: tensor<?x?xi64, #map> {llm.name = "position_ids", llm.role = "position_ids"}, %arg3: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.key"}, %arg4: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.value"}, %arg5: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.key"}, %arg6: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.value"}) -> (tensor<?x?x320xf32, #map3> {llm.name = "logits"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.0.key"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.0.value"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.1.key"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.1.value"}) attributes {llm.entry = "raw"} {
    %0 = llm.weight <"source", [], {id = 0 : i64}, tensor<320x64xf32>> : tensor<320x64xf32>
    %1 = llm.weight <"source", [], {id = 4 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %2 = llm.weight <"source", [], {id = 7 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %3 = llm.weight <"source", [], {id = 11 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %4 = llm.weight <"source", [], {id = 14 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %5 = llm.weight <"source", [], {id = 15 : i64}, tensor<64x320xf32>> : tensor<64x320xf32>
    %6 = llm.embedding %0, %arg0 : (tensor<320x64xf32>, tensor<?x?xi64, #map>) -> tensor<?x?x64xf32, #map5>
    %7 = llm.weight <"dense", [], {value = dense<[0.961650967, 0.640332639, 0.973787844, 0.771315932, 1.45250499, 0.924612284, 1.16474509, 0.750013709, 0.917473435, 1.23146737, 0.867908716, 1.01182067, 0.871301293, 1.26518893, 0.996601521, 0.97588092, 0.849948168, 1.11283207, 1.3038106, 0.956662535, 0.960013866, 0.984468221, 1.1427331, 0.986684978, 1.20987904, 0.803588092, 0.821738719, 0.994226455, 0.907365679, 0.699171066, 0.698443889, 0.971141576, 1.05149484, 1.16902685, 0.967145562, 0.719867826, 1.28791583, 0.866231739, 1.036250e+00, 1.09032393, 1.06400168, 1.12278426, 1.07553542, 0.745056629, 0.937712908, 0.895624041, 1.48279798, 0.86476624, 1.41517794, 1.20900559, 1.14346576, 1.10472083, 0.946516633, 0.865659714, 1.08495581, 1.04133677, 1.01410437, 1.2698338, 1.07963991, 0.656723678, 0.820796549, 0.858986198, 1.21475756, 1.14294982]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %8 = llm.rms_norm %6, %7 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %9 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 1 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 2 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 3 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %10 = llm.linear %8, %9 : (tensor<?x?x64xf32, #map5>, tensor<64x128xf32>) -> tensor<?x?x128xf32, #map6>
    %11 = llm.slice %10 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x64xf32, #map5>
    %12 = llm.slice %10 {starts = #map8, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map9>
    %13 = llm.slice %10 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map9>
    %14 = llm.reshape %11 : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x4x16xf32, #map11>
    %15 = llm.reshape %12 : (tensor<?x?x32xf32, #map9>) -> tensor<?x?x2x16xf32, #map12>
    %16 = llm.reshape %13 : (tensor<?x?x32xf32, #map9>) -> tensor<?x?x2x16xf32, #map12>
    %17 = llm.weight <"reshape", [#llm.recipe<"dense", [], {value = dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>}, tensor<1x8x1xf32>>], {}, tensor<8xf32>> : tensor<8xf32>
    %18 = llm.rope %14, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x?x4x16xf32, #map11>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x4x16xf32, #map11>
    %19 = llm.rope %15, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x?x2x16xf32, #map12>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x2x16xf32, #map12>
    %20 = llm.kv_append %arg3, %19 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map12>) -> tensor<?x2x?x16xf32, #map4>
    %21 = llm.kv_append %arg4, %16 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map12>) -> tensor<?x2x?x16xf32, #map4>
    %22 = llm.attention %18, %20, %21 key_mask %arg1 {causal, offset = #map13, scale = 2.500000e-01 : f64} : (tensor<?x?x4x16xf32, #map11>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x?xi64, #map1>) -> tensor<?x?x4x16xf32, #map11>
    %23 = llm.reshape %22 : (tensor<?x?x4x16xf32, #map11>) -> tensor<?x?x64xf32, #map5>
    %24 = llm.linear %23, %1 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %25 = llm.add %6, %24 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %26 = llm.weight <"dense", [], {value = dense<[0.896047651, 0.871219456, 1.02083981, 1.34063756, 1.20964885, 0.971161127, 0.786200225, 0.613613844, 0.968177378, 1.28947687, 0.790925562, 0.934999108, 1.28177071, 0.882665991, 1.18590486, 0.750861585, 0.623232603, 1.38046515, 0.97269082, 1.04748273, 0.657438874, 1.47955024, 0.814865052, 0.845361769, 0.866075873, 1.07972431, 0.9386397, 1.22881091, 0.832076966, 0.829637706, 0.711759329, 1.23478603, 1.09538317, 0.881546139, 0.806465864, 1.20413423, 1.18943417, 0.803948462, 1.14115059, 1.00328016, 1.21011066, 1.1621393, 0.690364837, 1.03328156, 1.20911932, 0.86536324, 1.51557255, 1.18329465, 0.734930873, 0.756124079, 0.727681934, 0.942774891, 0.614024639, 1.058470e+00, 0.771177053, 0.886351585, 1.10986543, 0.707425833, 0.800698161, 1.08413386, 0.92157948, 1.1217947, 0.540475249, 0.571912766]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %27 = llm.rms_norm %25, %26 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %28 = llm.weight <"source", [], {id = 5 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %29 = llm.weight <"source", [], {id = 6 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %30 = llm.gated_mlp %27, %28, %29, %2 {activation = 4 : i32} : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>, tensor<64x80xf32>, tensor<80x64xf32>) -> tensor<?x?x64xf32, #map5>
    %31 = llm.add %25, %30 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %32 = llm.weight <"dense", [], {value = dense<[0.822555899, 1.05523086, 0.959249377, 0.887286186, 1.2826581, 9.956290e-01, 0.525347114, 0.809387266, 0.826110959, 1.01597643, 9.711800e-01, 0.86476171, 0.959363043, 0.843282461, 1.08229339, 1.02702868, 0.983772158, 1.00085437, 0.908554434, 1.09542799, 1.09555089, 1.32642984, 1.04437399, 1.01073742, 1.23459089, 0.623512268, 9.761090e-01, 1.31121433, 1.02503633, 9.503970e-01, 1.16970658, 1.17062712, 1.15579331, 0.787596464, 0.759842395, 1.05435979, 1.37240613, 0.985955595, 1.0058589, 1.18492472, 1.16965234, 1.03398263, 1.04042602, 0.972859621, 1.07594323, 0.971829175, 0.924548447, 1.04375899, 0.934996962, 0.985079467, 1.07746732, 0.688873529, 1.18524647, 0.844717144, 0.802070498, 0.864202738, 0.695141673, 1.49529088, 0.940060555, 0.733945131, 0.967701792, 0.947464525, 0.506240547, 6.010710e-01]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %33 = llm.rms_norm %31, %32 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %34 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 8 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 9 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 10 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %35 = llm.linear %33, %34 : (tensor<?x?x64xf32, #map5>, tensor<64x128xf32>) -> tensor<?x?x128xf32, #map6>
    %36 = llm.slice %35 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x64xf32, #map5>
    %37 = llm.slice %35 {starts = #map8, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map9>
    %38 = llm.slice %35 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map9>
    %39 = llm.reshape %36 : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x4x16xf32, #map11>
    %40 = llm.reshape %37 : (tensor<?x?x32xf32, #map9>) -> tensor<?x?x2x16xf32, #map12>
    %41 = llm.reshape %38 : (tensor<?x?x32xf32, #map9>) -> tensor<?x?x2x16xf32, #map12>
    %42 = llm.rope %39, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x?x4x16xf32, #map11>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x4x16xf32, #map11>
    %43 = llm.rope %40, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x?x2x16xf32, #map12>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x2x16xf32, #map12>
    %44 = llm.kv_append %arg5, %43 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map12>) -> tensor<?x2x?x16xf32, #map4>
    %45 = llm.kv_append %arg6, %41 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map12>) -> tensor<?x2x?x16xf32, #map4>
    %46 = llm.attention %42, %44, %45 key_mask %arg1 {causal, offset = #map13, scale = 2.500000e-01 : f64} : (tensor<?x?x4x16xf32, #map11>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x?xi64, #map1>) -> tensor<?x?x4x16xf32, #map11>
    %47 = llm.reshape %46 : (tensor<?x?x4x16xf32, #map11>) -> tensor<?x?x64xf32, #map5>
    %48 = llm.linear %47, %3 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %49 = llm.add %31, %48 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %50 = llm.weight <"dense", [], {value = dense<[0.631445407, 0.717482089, 0.974039494, 1.19434738, 1.15920103, 1.06882036, 1.08450949, 0.810631394, 0.790939927, 1.14759755, 0.792040824, 0.869431495, 1.00860476, 0.832221984, 1.01694262, 1.41811013, 0.724265933, 1.28397465, 1.06360722, 0.848209917, 0.913953602, 1.03358889, 0.93143779, 1.03456008, 1.11425209, 1.33053803, 0.931780755, 1.04284513, 0.967629671, 0.846134424, 1.09702265, 0.850805699, 1.34966469, 0.794662714, 0.853223502, 0.751904904, 1.09342575, 0.959840893, 0.644282937, 0.93437916, 0.765494465, 1.18876672, 0.842900515, 0.942440986, 0.952541708, 1.23412919, 1.06108165, 1.05519617, 1.11961663, 1.05610812, 0.634987712, 1.03072596, 1.19519675, 1.16877699, 0.852540493, 0.949261426, 1.21469057, 0.889110267, 1.21114469, 0.676483512, 1.05769587, 0.864414393, 1.25639117, 0.790394246]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %51 = llm.rms_norm %49, %50 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %52 = llm.weight <"source", [], {id = 12 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %53 = llm.weight <"source", [], {id = 13 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %54 = llm.gated_mlp %51, %52, %53, %4 {activation = 4 : i32} : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>, tensor<64x80xf32>, tensor<80x64xf32>) -> tensor<?x?x64xf32, #map5>
    %55 = llm.add %49, %54 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %56 = llm.weight <"dense", [], {value = dense<[0.839123249, 0.692064881, 0.916539669, 1.04223371, 1.24671042, 1.10401535, 1.06169844, 1.23754787, 0.98735845, 1.07021773, 0.889894247, 0.978267788, 0.835208475, 1.05095387, 0.669860601, 0.897091269, 1.12703693, 0.940782309, 0.976063489, 0.77805525, 1.14757252, 1.00214207, 0.974482119, 0.923403263, 1.09070766, 0.937628567, 0.991012692, 9.388350e-01, 1.07805932, 1.33602786, 1.07612991, 0.889015793, 1.22586358, 1.12685597, 1.04747176, 1.82145023, 1.26169229, 0.87111634, 0.839118421, 1.19983053, 1.13350058, 0.689913869, 0.907486617, 1.01676524, 1.05471134, 0.996138989, 1.21774626, 1.36471069, 1.0541954, 0.997324943, 1.10505939, 0.457743824, 0.881654441, 0.96978408, 1.15439451, 0.892558097, 0.732486963, 1.32653952, 0.817110777, 0.952258944, 0.94027549, 1.14726281, 0.997291743, 1.31015277]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %57 = llm.rms_norm %55, %56 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %58 = llm.linear %57, %5 : (tensor<?x?x64xf32, #map5>, tensor<64x320xf32>) -> tensor<?x?x320xf32, #map3>
    return %58, %20, %21, %44, %45 : tensor<?x?x320xf32, #map3>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>
  }
  func.func @prefill(%arg0: tensor<?x?xi64, #map> {llm.name = "input_ids", llm.role = "tokens"}, %arg1: tensor<?x?xi64, #map1> {llm.name = "attention_mask", llm.role = "attention_mask"}, %arg2: tensor<?x?xi64, #map> {llm.name = "position_ids", llm.role = "position_ids"}, %arg3: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.key", llm.state = 0 : i64, llm.state_output = "present.0.key"}, %arg4: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.value", llm.state = 1 : i64, llm.state_output = "present.0.value"}, %arg5: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.key", llm.state = 2 : i64, llm.state_output = "present.1.key"}, %arg6: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.value", llm.state = 3 : i64, llm.state_output = "present.1.value"}) -> (tensor<?x1x320xf32, #map14> {llm.name = "logits"}) attributes {llm.entry = "prefill"} {
    %0 = llm.weight <"source", [], {id = 0 : i64}, tensor<320x64xf32>> : tensor<320x64xf32>
    %1 = llm.weight <"source", [], {id = 4 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %2 = llm.weight <"source", [], {id = 7 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %3 = llm.weight <"source", [], {id = 11 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %4 = llm.weight <"source", [], {id = 14 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %5 = llm.weight <"source", [], {id = 15 : i64}, tensor<64x320xf32>> : tensor<64x320xf32>
    %6 = llm.embedding %0, %arg0 : (tensor<320x64xf32>, tensor<?x?xi64, #map>) -> tensor<?x?x64xf32, #map5>
    %7 = llm.weight <"dense", [], {value = dense<[0.961650967, 0.640332639, 0.973787844, 0.771315932, 1.45250499, 0.924612284, 1.16474509, 0.750013709, 0.917473435, 1.23146737, 0.867908716, 1.01182067, 0.871301293, 1.26518893, 0.996601521, 0.97588092, 0.849948168, 1.11283207, 1.3038106, 0.956662535, 0.960013866, 0.984468221, 1.1427331, 0.986684978, 1.20987904, 0.803588092, 0.821738719, 0.994226455, 0.907365679, 0.699171066, 0.698443889, 0.971141576, 1.05149484, 1.16902685, 0.967145562, 0.719867826, 1.28791583, 0.866231739, 1.036250e+00, 1.09032393, 1.06400168, 1.12278426, 1.07553542, 0.745056629, 0.937712908, 0.895624041, 1.48279798, 0.86476624, 1.41517794, 1.20900559, 1.14346576, 1.10472083, 0.946516633, 0.865659714, 1.08495581, 1.04133677, 1.01410437, 1.2698338, 1.07963991, 0.656723678, 0.820796549, 0.858986198, 1.21475756, 1.14294982]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %8 = llm.rms_norm %6, %7 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %9 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 1 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 2 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 3 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %10 = llm.linear %8, %9 : (tensor<?x?x64xf32, #map5>, tensor<64x128xf32>) -> tensor<?x?x128xf32, #map6>
    %11 = llm.slice %10 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x64xf32, #map5>
    %12 = llm.slice %10 {starts = #map8, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map9>
    %13 = llm.slice %10 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map9>
    %14 = llm.reshape %11 : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x4x16xf32, #map11>
    %15 = llm.reshape %12 : (tensor<?x?x32xf32, #map9>) -> tensor<?x?x2x16xf32, #map12>
    %16 = llm.reshape %13 : (tensor<?x?x32xf32, #map9>) -> tensor<?x?x2x16xf32, #map12>
    %17 = llm.weight <"reshape", [#llm.recipe<"dense", [], {value = dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>}, tensor<1x8x1xf32>>], {}, tensor<8xf32>> : tensor<8xf32>
    %18 = llm.rope %14, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x?x4x16xf32, #map11>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x4x16xf32, #map11>
    %19 = llm.rope %15, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x?x2x16xf32, #map12>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x2x16xf32, #map12>
    %20 = llm.kv_append %arg3, %19 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map12>) -> tensor<?x2x?x16xf32, #map4>
    %21 = llm.kv_append %arg4, %16 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map12>) -> tensor<?x2x?x16xf32, #map4>
    %22 = llm.attention %18, %20, %21 key_mask %arg1 {causal, offset = #map13, scale = 2.500000e-01 : f64} : (tensor<?x?x4x16xf32, #map11>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x?xi64, #map1>) -> tensor<?x?x4x16xf32, #map11>
    %23 = llm.reshape %22 : (tensor<?x?x4x16xf32, #map11>) -> tensor<?x?x64xf32, #map5>
    %24 = llm.linear %23, %1 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %25 = llm.add %6, %24 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %26 = llm.weight <"dense", [], {value = dense<[0.896047651, 0.871219456, 1.02083981, 1.34063756, 1.20964885, 0.971161127, 0.786200225, 0.613613844, 0.968177378, 1.28947687, 0.790925562, 0.934999108, 1.28177071, 0.882665991, 1.18590486, 0.750861585, 0.623232603, 1.38046515, 0.97269082, 1.04748273, 0.657438874, 1.47955024, 0.814865052, 0.845361769, 0.866075873, 1.07972431, 0.9386397, 1.22881091, 0.832076966, 0.829637706, 0.711759329, 1.23478603, 1.09538317, 0.881546139, 0.806465864, 1.20413423, 1.18943417, 0.803948462, 1.14115059, 1.00328016, 1.21011066, 1.1621393, 0.690364837, 1.03328156, 1.20911932, 0.86536324, 1.51557255, 1.18329465, 0.734930873, 0.756124079, 0.727681934, 0.942774891, 0.614024639, 1.058470e+00, 0.771177053, 0.886351585, 1.10986543, 0.707425833, 0.800698161, 1.08413386, 0.92157948, 1.1217947, 0.540475249, 0.571912766]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %27 = llm.rms_norm %25, %26 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %28 = llm.weight <"source", [], {id = 5 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %29 = llm.weight <"source", [], {id = 6 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %30 = llm.gated_mlp %27, %28, %29, %2 {activation = 4 : i32} : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>, tensor<64x80xf32>, tensor<80x64xf32>) -> tensor<?x?x64xf32, #map5>
    %31 = llm.add %25, %30 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %32 = llm.weight <"dense", [], {value = dense<[0.822555899, 1.05523086, 0.959249377, 0.887286186, 1.2826581, 9.956290e-01, 0.525347114, 0.809387266, 0.826110959, 1.01597643, 9.711800e-01, 0.86476171, 0.959363043, 0.843282461, 1.08229339, 1.02702868, 0.983772158, 1.00085437, 0.908554434, 1.09542799, 1.09555089, 1.32642984, 1.04437399, 1.01073742, 1.23459089, 0.623512268, 9.761090e-01, 1.31121433, 1.02503633, 9.503970e-01, 1.16970658, 1.17062712, 1.15579331, 0.787596464, 0.759842395, 1.05435979, 1.37240613, 0.985955595, 1.0058589, 1.18492472, 1.16965234, 1.03398263, 1.04042602, 0.972859621, 1.07594323, 0.971829175, 0.924548447, 1.04375899, 0.934996962, 0.985079467, 1.07746732, 0.688873529, 1.18524647, 0.844717144, 0.802070498, 0.864202738, 0.695141673, 1.49529088, 0.940060555, 0.733945131, 0.967701792, 0.947464525, 0.506240547, 6.010710e-01]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %33 = llm.rms_norm %31, %32 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %34 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 8 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 9 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 10 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %35 = llm.linear %33, %34 : (tensor<?x?x64xf32, #map5>, tensor<64x128xf32>) -> tensor<?x?x128xf32, #map6>
    %36 = llm.slice %35 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x64xf32, #map5>
    %37 = llm.slice %35 {starts = #map8, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map9>
    %38 = llm.slice %35 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map9>
    %39 = llm.reshape %36 : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x4x16xf32, #map11>
    %40 = llm.reshape %37 : (tensor<?x?x32xf32, #map9>) -> tensor<?x?x2x16xf32, #map12>
    %41 = llm.reshape %38 : (tensor<?x?x32xf32, #map9>) -> tensor<?x?x2x16xf32, #map12>
    %42 = llm.rope %39, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x?x4x16xf32, #map11>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x4x16xf32, #map11>
    %43 = llm.rope %40, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x?x2x16xf32, #map12>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x2x16xf32, #map12>
    %44 = llm.kv_append %arg5, %43 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map12>) -> tensor<?x2x?x16xf32, #map4>
    %45 = llm.kv_append %arg6, %41 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map12>) -> tensor<?x2x?x16xf32, #map4>
    %46 = llm.attention %42, %44, %45 key_mask %arg1 {causal, offset = #map13, scale = 2.500000e-01 : f64} : (tensor<?x?x4x16xf32, #map11>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x?xi64, #map1>) -> tensor<?x?x4x16xf32, #map11>
    %47 = llm.slice %46 {starts = #map15, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x4x16xf32, #map11>) -> tensor<?x1x4x16xf32, #map16>
    %48 = llm.reshape %47 : (tensor<?x1x4x16xf32, #map16>) -> tensor<?x1x64xf32, #map17>
    %49 = llm.linear %48, %3 : (tensor<?x1x64xf32, #map17>, tensor<64x64xf32>) -> tensor<?x1x64xf32, #map17>
    %50 = llm.slice %31 {starts = #map18, steps = array<i64: 1, 1, 1>} : (tensor<?x?x64xf32, #map5>) -> tensor<?x1x64xf32, #map17>
    %51 = llm.add %50, %49 : (tensor<?x1x64xf32, #map17>, tensor<?x1x64xf32, #map17>) -> tensor<?x1x64xf32, #map17>
    %52 = llm.weight <"dense", [], {value = dense<[0.631445407, 0.717482089, 0.974039494, 1.19434738, 1.15920103, 1.06882036, 1.08450949, 0.810631394, 0.790939927, 1.14759755, 0.792040824, 0.869431495, 1.00860476, 0.832221984, 1.01694262, 1.41811013, 0.724265933, 1.28397465, 1.06360722, 0.848209917, 0.913953602, 1.03358889, 0.93143779, 1.03456008, 1.11425209, 1.33053803, 0.931780755, 1.04284513, 0.967629671, 0.846134424, 1.09702265, 0.850805699, 1.34966469, 0.794662714, 0.853223502, 0.751904904, 1.09342575, 0.959840893, 0.644282937, 0.93437916, 0.765494465, 1.18876672, 0.842900515, 0.942440986, 0.952541708, 1.23412919, 1.06108165, 1.05519617, 1.11961663, 1.05610812, 0.634987712, 1.03072596, 1.19519675, 1.16877699, 0.852540493, 0.949261426, 1.21469057, 0.889110267, 1.21114469, 0.676483512, 1.05769587, 0.864414393, 1.25639117, 0.790394246]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %53 = llm.rms_norm %51, %52 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map17>, tensor<64xf32>) -> tensor<?x1x64xf32, #map17>
    %54 = llm.weight <"source", [], {id = 12 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %55 = llm.weight <"source", [], {id = 13 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %56 = llm.gated_mlp %53, %54, %55, %4 {activation = 4 : i32} : (tensor<?x1x64xf32, #map17>, tensor<64x80xf32>, tensor<64x80xf32>, tensor<80x64xf32>) -> tensor<?x1x64xf32, #map17>
    %57 = llm.add %51, %56 : (tensor<?x1x64xf32, #map17>, tensor<?x1x64xf32, #map17>) -> tensor<?x1x64xf32, #map17>
    %58 = llm.weight <"dense", [], {value = dense<[0.839123249, 0.692064881, 0.916539669, 1.04223371, 1.24671042, 1.10401535, 1.06169844, 1.23754787, 0.98735845, 1.07021773, 0.889894247, 0.978267788, 0.835208475, 1.05095387, 0.669860601, 0.897091269, 1.12703693, 0.940782309, 0.976063489, 0.77805525, 1.14757252, 1.00214207, 0.974482119, 0.923403263, 1.09070766, 0.937628567, 0.991012692, 9.388350e-01, 1.07805932, 1.33602786, 1.07612991, 0.889015793, 1.22586358, 1.12685597, 1.04747176, 1.82145023, 1.26169229, 0.87111634, 0.839118421, 1.19983053, 1.13350058, 0.689913869, 0.907486617, 1.01676524, 1.05471134, 0.996138989, 1.21774626, 1.36471069, 1.0541954, 0.997324943, 1.10505939, 0.457743824, 0.881654441, 0.96978408, 1.15439451, 0.892558097, 0.732486963, 1.32653952, 0.817110777, 0.952258944, 0.94027549, 1.14726281, 0.997291743, 1.31015277]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %59 = llm.rms_norm %57, %58 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map17>, tensor<64xf32>) -> tensor<?x1x64xf32, #map17>
    %60 = llm.linear %59, %5 : (tensor<?x1x64xf32, #map17>, tensor<64x320xf32>) -> tensor<?x1x320xf32, #map14>
    return %60 : tensor<?x1x320xf32, #map14>
  }
  func.func @decode(%arg0: tensor<?x1xi64, #map19> {llm.name = "input_ids", llm.role = "tokens"}, %arg1: tensor<?x?xi64, #map20> {llm.name = "attention_mask", llm.role = "attention_mask"}, %arg2: tensor<?x1xi64, #map19> {llm.name = "position_ids", llm.role = "position_ids"}, %arg3: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.key", llm.state = 0 : i64, llm.state_output = "present.0.key"}, %arg4: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.value", llm.state = 1 : i64, llm.state_output = "present.0.value"}, %arg5: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.key", llm.state = 2 : i64, llm.state_output = "present.1.key"}, %arg6: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.value", llm.state = 3 : i64, llm.state_output = "present.1.value"}) -> (tensor<?x1x320xf32, #map14> {llm.name = "logits"}) attributes {llm.entry = "decode"} {
    %0 = llm.weight <"source", [], {id = 0 : i64}, tensor<320x64xf32>> : tensor<320x64xf32>
    %1 = llm.weight <"source", [], {id = 4 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %2 = llm.weight <"source", [], {id = 7 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %3 = llm.weight <"source", [], {id = 11 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %4 = llm.weight <"source", [], {id = 14 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %5 = llm.weight <"source", [], {id = 15 : i64}, tensor<64x320xf32>> : tensor<64x320xf32>
    %6 = llm.embedding %0, %arg0 : (tensor<320x64xf32>, tensor<?x1xi64, #map19>) -> tensor<?x1x64xf32, #map17>
    %7 = llm.weight <"dense", [], {value = dense<[0.961650967, 0.640332639, 0.973787844, 0.771315932, 1.45250499, 0.924612284, 1.16474509, 0.750013709, 0.917473435, 1.23146737, 0.867908716, 1.01182067, 0.871301293, 1.26518893, 0.996601521, 0.97588092, 0.849948168, 1.11283207, 1.3038106, 0.956662535, 0.960013866, 0.984468221, 1.1427331, 0.986684978, 1.20987904, 0.803588092, 0.821738719, 0.994226455, 0.907365679, 0.699171066, 0.698443889, 0.971141576, 1.05149484, 1.16902685, 0.967145562, 0.719867826, 1.28791583, 0.866231739, 1.036250e+00, 1.09032393, 1.06400168, 1.12278426, 1.07553542, 0.745056629, 0.937712908, 0.895624041, 1.48279798, 0.86476624, 1.41517794, 1.20900559, 1.14346576, 1.10472083, 0.946516633, 0.865659714, 1.08495581, 1.04133677, 1.01410437, 1.2698338, 1.07963991, 0.656723678, 0.820796549, 0.858986198, 1.21475756, 1.14294982]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %8 = llm.rms_norm %6, %7 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map17>, tensor<64xf32>) -> tensor<?x1x64xf32, #map17>
    %9 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 1 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 2 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 3 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %10 = llm.linear %8, %9 : (tensor<?x1x64xf32, #map17>, tensor<64x128xf32>) -> tensor<?x1x128xf32, #map21>
    %11 = llm.slice %10 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x1x128xf32, #map21>) -> tensor<?x1x64xf32, #map17>
    %12 = llm.slice %10 {starts = #map8, steps = array<i64: 1, 1, 1>} : (tensor<?x1x128xf32, #map21>) -> tensor<?x1x32xf32, #map22>
    %13 = llm.slice %10 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x1x128xf32, #map21>) -> tensor<?x1x32xf32, #map22>
    %14 = llm.reshape %11 : (tensor<?x1x64xf32, #map17>) -> tensor<?x1x4x16xf32, #map16>
    %15 = llm.reshape %12 : (tensor<?x1x32xf32, #map22>) -> tensor<?x1x2x16xf32, #map23>
    %16 = llm.reshape %13 : (tensor<?x1x32xf32, #map22>) -> tensor<?x1x2x16xf32, #map23>
    %17 = llm.weight <"reshape", [#llm.recipe<"dense", [], {value = dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>}, tensor<1x8x1xf32>>], {}, tensor<8xf32>> : tensor<8xf32>
    %18 = llm.rope %14, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x1x4x16xf32, #map16>, tensor<?x1xi64, #map19>, tensor<8xf32>) -> tensor<?x1x4x16xf32, #map16>
    %19 = llm.rope %15, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x1x2x16xf32, #map23>, tensor<?x1xi64, #map19>, tensor<8xf32>) -> tensor<?x1x2x16xf32, #map23>
    %20 = llm.kv_append %arg3, %19 : (tensor<?x2x?x16xf32, #map2>, tensor<?x1x2x16xf32, #map23>) -> tensor<?x2x?x16xf32, #map24>
    %21 = llm.kv_append %arg4, %16 : (tensor<?x2x?x16xf32, #map2>, tensor<?x1x2x16xf32, #map23>) -> tensor<?x2x?x16xf32, #map24>
    %22 = llm.attention %18, %20, %21 key_mask %arg1 {causal, offset = #map13, scale = 2.500000e-01 : f64} : (tensor<?x1x4x16xf32, #map16>, tensor<?x2x?x16xf32, #map24>, tensor<?x2x?x16xf32, #map24>, tensor<?x?xi64, #map20>) -> tensor<?x1x4x16xf32, #map16>
    %23 = llm.reshape %22 : (tensor<?x1x4x16xf32, #map16>) -> tensor<?x1x64xf32, #map17>
    %24 = llm.linear %23, %1 : (tensor<?x1x64xf32, #map17>, tensor<64x64xf32>) -> tensor<?x1x64xf32, #map17>
    %25 = llm.add %6, %24 : (tensor<?x1x64xf32, #map17>, tensor<?x1x64xf32, #map17>) -> tensor<?x1x64xf32, #map17>
    %26 = llm.weight <"dense", [], {value = dense<[0.896047651, 0.871219456, 1.02083981, 1.34063756, 1.20964885, 0.971161127, 0.786200225, 0.613613844, 0.968177378, 1.28947687, 0.790925562, 0.934999108, 1.28177071, 0.882665991, 1.18590486, 0.750861585, 0.623232603, 1.38046515, 0.97269082, 1.04748273, 0.657438874, 1.47955024, 0.814865052, 0.845361769, 0.866075873, 1.07972431, 0.9386397, 1.22881091, 0.832076966, 0.829637706, 0.711759329, 1.23478603, 1.09538317, 0.881546139, 0.806465864, 1.20413423, 1.18943417, 0.803948462, 1.14115059, 1.00328016, 1.21011066, 1.1621393, 0.690364837, 1.03328156, 1.20911932, 0.86536324, 1.51557255, 1.18329465, 0.734930873, 0.756124079, 0.727681934, 0.942774891, 0.614024639, 1.058470e+00, 0.771177053, 0.886351585, 1.10986543, 0.707425833, 0.800698161, 1.08413386, 0.92157948, 1.1217947, 0.540475249, 0.571912766]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %27 = llm.rms_norm %25, %26 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map17>, tensor<64xf32>) -> tensor<?x1x64xf32, #map17>
    %28 = llm.weight <"source", [], {id = 5 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %29 = llm.weight <"source", [], {id = 6 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %30 = llm.gated_mlp %27, %28, %29, %2 {activation = 4 : i32} : (tensor<?x1x64xf32, #map17>, tensor<64x80xf32>, tensor<64x80xf32>, tensor<80x64xf32>) -> tensor<?x1x64xf32, #map17>
    %31 = llm.add %25, %30 : (tensor<?x1x64xf32, #map17>, tensor<?x1x64xf32, #map17>) -> tensor<?x1x64xf32, #map17>
    %32 = llm.weight <"dense", [], {value = dense<[0.822555899, 1.05523086, 0.959249377, 0.887286186, 1.2826581, 9.956290e-01, 0.525347114, 0.809387266, 0.826110959, 1.01597643, 9.711800e-01, 0.86476171, 0.959363043, 0.843282461, 1.08229339, 1.02702868, 0.983772158, 1.00085437, 0.908554434, 1.09542799, 1.09555089, 1.32642984, 1.04437399, 1.01073742, 1.23459089, 0.623512268, 9.761090e-01, 1.31121433, 1.02503633, 9.503970e-01, 1.16970658, 1.17062712, 1.15579331, 0.787596464, 0.759842395, 1.05435979, 1.37240613, 0.985955595, 1.0058589, 1.18492472, 1.16965234, 1.03398263, 1.04042602, 0.972859621, 1.07594323, 0.971829175, 0.924548447, 1.04375899, 0.934996962, 0.985079467, 1.07746732, 0.688873529, 1.18524647, 0.844717144, 0.802070498, 0.864202738, 0.695141673, 1.49529088, 0.940060555, 0.733945131, 0.967701792, 0.947464525, 0.506240547, 6.010710e-01]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %33 = llm.rms_norm %31, %32 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map17>, tensor<64xf32>) -> tensor<?x1x64xf32, #map17>
    %34 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 8 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 9 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 10 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %35 = llm.linear %33, %34 : (tensor<?x1x64xf32, #map17>, tensor<64x128xf32>) -> tensor<?x1x128xf32, #map21>
    %36 = llm.slice %35 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x1x128xf32, #map21>) -> tensor<?x1x64xf32, #map17>
    %37 = llm.slice %35 {starts = #map8, steps = array<i64: 1, 1, 1>} : (tensor<?x1x128xf32, #map21>) -> tensor<?x1x32xf32, #map22>
    %38 = llm.slice %35 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x1x128xf32, #map21>) -> tensor<?x1x32xf32, #map22>
    %39 = llm.reshape %36 : (tensor<?x1x64xf32, #map17>) -> tensor<?x1x4x16xf32, #map16>
    %40 = llm.reshape %37 : (tensor<?x1x32xf32, #map22>) -> tensor<?x1x2x16xf32, #map23>
    %41 = llm.reshape %38 : (tensor<?x1x32xf32, #map22>) -> tensor<?x1x2x16xf32, #map23>
    %42 = llm.rope %39, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x1x4x16xf32, #map16>, tensor<?x1xi64, #map19>, tensor<8xf32>) -> tensor<?x1x4x16xf32, #map16>
    %43 = llm.rope %40, %arg2 inv_freq %17 {rotary = 16 : i64} : (tensor<?x1x2x16xf32, #map23>, tensor<?x1xi64, #map19>, tensor<8xf32>) -> tensor<?x1x2x16xf32, #map23>
    %44 = llm.kv_append %arg5, %43 : (tensor<?x2x?x16xf32, #map2>, tensor<?x1x2x16xf32, #map23>) -> tensor<?x2x?x16xf32, #map24>
    %45 = llm.kv_append %arg6, %41 : (tensor<?x2x?x16xf32, #map2>, tensor<?x1x2x16xf32, #map23>) -> tensor<?x2x?x16xf32, #map24>
    %46 = llm.attention %42, %44, %45 key_mask %arg1 {causal, offset = #map13, scale = 2.500000e-01 : f64} : (tensor<?x1x4x16xf32, #map16>, tensor<?x2x?x16xf32, #map24>, tensor<?x2x?x16xf32, #map24>, tensor<?x?xi64, #map20>) -> tensor<?x1x4x16xf32, #map16>
    %47 = llm.reshape %46 : (tensor<?x1x4x16xf32, #map16>) -> tensor<?x1x64xf32, #map17>
    %48 = llm.linear %47, %3 : (tensor<?x1x64xf32, #map17>, tensor<64x64xf32>) -> tensor<?x1x64xf32, #map17>
    %49 = llm.add %31, %48 : (tensor<?x1x64xf32, #map17>, tensor<?x1x64xf32, #map17>) -> tensor<?x1x64xf32, #map17>
    %50 = llm.weight <"dense", [], {value = dense<[0.631445407, 0.717482089, 0.974039494, 1.19434738, 1.15920103, 1.06882036, 1.08450949, 0.810631394, 0.790939927, 1.14759755, 0.792040824, 0.869431495, 1.00860476, 0.832221984, 1.01694262, 1.41811013, 0.724265933, 1.28397465, 1.06360722, 0.848209917, 0.913953602, 1.03358889, 0.93143779, 1.03456008, 1.11425209, 1.33053803, 0.931780755, 1.04284513, 0.967629671, 0.846134424, 1.09702265, 0.850805699, 1.34966469, 0.794662714, 0.853223502, 0.751904904, 1.09342575, 0.959840893, 0.644282937, 0.93437916, 0.765494465, 1.18876672, 0.842900515, 0.942440986, 0.952541708, 1.23412919, 1.06108165, 1.05519617, 1.11961663, 1.05610812, 0.634987712, 1.03072596, 1.19519675, 1.16877699, 0.852540493, 0.949261426, 1.21469057, 0.889110267, 1.21114469, 0.676483512, 1.05769587, 0.864414393, 1.25639117, 0.790394246]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %51 = llm.rms_norm %49, %50 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map17>, tensor<64xf32>) -> tensor<?x1x64xf32, #map17>
    %52 = llm.weight <"source", [], {id = 12 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %53 = llm.weight <"source", [], {id = 13 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %54 = llm.gated_mlp %51, %52, %53, %4 {activation = 4 : i32} : (tensor<?x1x64xf32, #map17>, tensor<64x80xf32>, tensor<64x80xf32>, tensor<80x64xf32>) -> tensor<?x1x64xf32, #map17>
    %55 = llm.add %49, %54 : (tensor<?x1x64xf32, #map17>, tensor<?x1x64xf32, #map17>) -> tensor<?x1x64xf32, #map17>
    %56 = llm.weight <"dense", [], {value = dense<[0.839123249, 0.692064881, 0.916539669, 1.04223371, 1.24671042, 1.10401535, 1.06169844, 1.23754787, 0.98735845, 1.07021773, 0.889894247, 0.978267788, 0.835208475, 1.05095387, 0.669860601, 0.897091269, 1.12703693, 0.940782309, 0.976063489, 0.77805525, 1.14757252, 1.00214207, 0.974482119, 0.923403263, 1.09070766, 0.937628567, 0.991012692, 9.388350e-01, 1.07805932, 1.33602786, 1.07612991, 0.889015793, 1.22586358, 1.12685597, 1.04747176, 1.82145023, 1.26169229, 0.87111634, 0.839118421, 1.19983053, 1.13350058, 0.689913869, 0.907486617, 1.01676524, 1.05471134, 0.996138989, 1.21774626, 1.36471069, 1.0541954, 0.997324943, 1.10505939, 0.457743824, 0.881654441, 0.96978408, 1.15439451, 0.892558097, 0.732486963, 1.32653952, 0.817110777, 0.952258944, 0.94027549, 1.14726281, 0.997291743, 1.31015277]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %57 = llm.rms_norm %55, %56 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map17>, tensor<64xf32>) -> tensor<?x1x64xf32, #map17>
    %58 = llm.linear %57, %5 : (tensor<?x1x64xf32, #map17>, tensor<64x320xf32>) -> tensor<?x1x320xf32, #map14>
    return %58 : tensor<?x1x320xf32, #map14>
  }
  func.func @step(%arg0: tensor<1x?xi64, #map25> {llm.name = "input_ids", llm.role = "tokens"}, %arg1: tensor<1x?xi64, #map25> {llm.name = "position_ids", llm.role = "position_ids"}, %arg2: tensor<1x2x?x16xf32, #map26> {llm.name = "past_key_values.0.key", llm.state = 0 : i64, llm.state_output = "present.0.key"}, %arg3: tensor<1x2x?x16xf32, #map26> {llm.name = "past_key_values.0.value", llm.state = 1 : i64, llm.state_output = "present.0.value"}, %arg4: tensor<1x2x?x16xf32, #map26> {llm.name = "past_key_values.1.key", llm.state = 2 : i64, llm.state_output = "present.1.key"}, %arg5: tensor<1x2x?x16xf32, #map26> {llm.name = "past_key_values.1.value", llm.state = 3 : i64, llm.state_output = "present.1.value"}, %arg6: tensor<?xi64, #map27> {llm.name = "segments", llm.role = "segments"}, %arg7: tensor<?xi64, #map28> {llm.name = "rows", llm.role = "rows"}) -> (tensor<1x?x320xf32, #map29> {llm.name = "logits"}) attributes {llm.entry = "step"} {
    %0 = llm.weight <"source", [], {id = 0 : i64}, tensor<320x64xf32>> : tensor<320x64xf32>
    %1 = llm.weight <"source", [], {id = 4 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %2 = llm.weight <"source", [], {id = 7 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %3 = llm.weight <"source", [], {id = 11 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %4 = llm.weight <"source", [], {id = 14 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %5 = llm.weight <"source", [], {id = 15 : i64}, tensor<64x320xf32>> : tensor<64x320xf32>
    %6 = llm.embedding %0, %arg0 : (tensor<320x64xf32>, tensor<1x?xi64, #map25>) -> tensor<1x?x64xf32, #map30>
    %7 = llm.weight <"dense", [], {value = dense<[0.961650967, 0.640332639, 0.973787844, 0.771315932, 1.45250499, 0.924612284, 1.16474509, 0.750013709, 0.917473435, 1.23146737, 0.867908716, 1.01182067, 0.871301293, 1.26518893, 0.996601521, 0.97588092, 0.849948168, 1.11283207, 1.3038106, 0.956662535, 0.960013866, 0.984468221, 1.1427331, 0.986684978, 1.20987904, 0.803588092, 0.821738719, 0.994226455, 0.907365679, 0.699171066, 0.698443889, 0.971141576, 1.05149484, 1.16902685, 0.967145562, 0.719867826, 1.28791583, 0.866231739, 1.036250e+00, 1.09032393, 1.06400168, 1.12278426, 1.07553542, 0.745056629, 0.937712908, 0.895624041, 1.48279798, 0.86476624, 1.41517794, 1.20900559, 1.14346576, 1.10472083, 0.946516633, 0.865659714, 1.08495581, 1.04133677, 1.01410437, 1.2698338, 1.07963991, 0.656723678, 0.820796549, 0.858986198, 1.21475756, 1.14294982]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %8 = llm.rms_norm %6, %7 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<1x?x64xf32, #map30>, tensor<64xf32>) -> tensor<1x?x64xf32, #map30>
    %9 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 1 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 2 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 3 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %10 = llm.linear %8, %9 : (tensor<1x?x64xf32, #map30>, tensor<64x128xf32>) -> tensor<1x?x128xf32, #map31>
    %11 = llm.slice %10 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<1x?x128xf32, #map31>) -> tensor<1x?x64xf32, #map30>
    %12 = llm.slice %10 {starts = #map8, steps = array<i64: 1, 1, 1>} : (tensor<1x?x128xf32, #map31>) -> tensor<1x?x32xf32, #map32>
    %13 = llm.slice %10 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<1x?x128xf32, #map31>) -> tensor<1x?x32xf32, #map32>
    %14 = llm.reshape %11 : (tensor<1x?x64xf32, #map30>) -> tensor<1x?x4x16xf32, #map33>
    %15 = llm.reshape %12 : (tensor<1x?x32xf32, #map32>) -> tensor<1x?x2x16xf32, #map34>
    %16 = llm.reshape %13 : (tensor<1x?x32xf32, #map32>) -> tensor<1x?x2x16xf32, #map34>
    %17 = llm.weight <"reshape", [#llm.recipe<"dense", [], {value = dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>}, tensor<1x8x1xf32>>], {}, tensor<8xf32>> : tensor<8xf32>
    %18 = llm.rope %14, %arg1 inv_freq %17 {rotary = 16 : i64} : (tensor<1x?x4x16xf32, #map33>, tensor<1x?xi64, #map25>, tensor<8xf32>) -> tensor<1x?x4x16xf32, #map33>
    %19 = llm.rope %15, %arg1 inv_freq %17 {rotary = 16 : i64} : (tensor<1x?x2x16xf32, #map34>, tensor<1x?xi64, #map25>, tensor<8xf32>) -> tensor<1x?x2x16xf32, #map34>
    %20 = llm.kv_append %arg2, %19 : (tensor<1x2x?x16xf32, #map26>, tensor<1x?x2x16xf32, #map34>) -> tensor<1x2x?x16xf32, #map35>
    %21 = llm.kv_append %arg3, %16 : (tensor<1x2x?x16xf32, #map26>, tensor<1x?x2x16xf32, #map34>) -> tensor<1x2x?x16xf32, #map35>
    %22 = llm.attention %18, %20, %21 {causal, offset = #map13, scale = 2.500000e-01 : f64} : (tensor<1x?x4x16xf32, #map33>, tensor<1x2x?x16xf32, #map35>, tensor<1x2x?x16xf32, #map35>) -> tensor<1x?x4x16xf32, #map33>
    %23 = llm.reshape %22 : (tensor<1x?x4x16xf32, #map33>) -> tensor<1x?x64xf32, #map30>
    %24 = llm.linear %23, %1 : (tensor<1x?x64xf32, #map30>, tensor<64x64xf32>) -> tensor<1x?x64xf32, #map30>
    %25 = llm.add %6, %24 : (tensor<1x?x64xf32, #map30>, tensor<1x?x64xf32, #map30>) -> tensor<1x?x64xf32, #map30>
    %26 = llm.weight <"dense", [], {value = dense<[0.896047651, 0.871219456, 1.02083981, 1.34063756, 1.20964885, 0.971161127, 0.786200225, 0.613613844, 0.968177378, 1.28947687, 0.790925562, 0.934999108, 1.28177071, 0.882665991, 1.18590486, 0.750861585, 0.623232603, 1.38046515, 0.97269082, 1.04748273, 0.657438874, 1.47955024, 0.814865052, 0.845361769, 0.866075873, 1.07972431, 0.9386397, 1.22881091, 0.832076966, 0.829637706, 0.711759329, 1.23478603, 1.09538317, 0.881546139, 0.806465864, 1.20413423, 1.18943417, 0.803948462, 1.14115059, 1.00328016, 1.21011066, 1.1621393, 0.690364837, 1.03328156, 1.20911932, 0.86536324, 1.51557255, 1.18329465, 0.734930873, 0.756124079, 0.727681934, 0.942774891, 0.614024639, 1.058470e+00, 0.771177053, 0.886351585, 1.10986543, 0.707425833, 0.800698161, 1.08413386, 0.92157948, 1.1217947, 0.540475249, 0.571912766]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %27 = llm.rms_norm %25, %26 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<1x?x64xf32, #map30>, tensor<64xf32>) -> tensor<1x?x64xf32, #map30>
    %28 = llm.weight <"source", [], {id = 5 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %29 = llm.weight <"source", [], {id = 6 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %30 = llm.gated_mlp %27, %28, %29, %2 {activation = 4 : i32} : (tensor<1x?x64xf32, #map30>, tensor<64x80xf32>, tensor<64x80xf32>, tensor<80x64xf32>) -> tensor<1x?x64xf32, #map30>
    %31 = llm.add %25, %30 : (tensor<1x?x64xf32, #map30>, tensor<1x?x64xf32, #map30>) -> tensor<1x?x64xf32, #map30>
    %32 = llm.weight <"dense", [], {value = dense<[0.822555899, 1.05523086, 0.959249377, 0.887286186, 1.2826581, 9.956290e-01, 0.525347114, 0.809387266, 0.826110959, 1.01597643, 9.711800e-01, 0.86476171, 0.959363043, 0.843282461, 1.08229339, 1.02702868, 0.983772158, 1.00085437, 0.908554434, 1.09542799, 1.09555089, 1.32642984, 1.04437399, 1.01073742, 1.23459089, 0.623512268, 9.761090e-01, 1.31121433, 1.02503633, 9.503970e-01, 1.16970658, 1.17062712, 1.15579331, 0.787596464, 0.759842395, 1.05435979, 1.37240613, 0.985955595, 1.0058589, 1.18492472, 1.16965234, 1.03398263, 1.04042602, 0.972859621, 1.07594323, 0.971829175, 0.924548447, 1.04375899, 0.934996962, 0.985079467, 1.07746732, 0.688873529, 1.18524647, 0.844717144, 0.802070498, 0.864202738, 0.695141673, 1.49529088, 0.940060555, 0.733945131, 0.967701792, 0.947464525, 0.506240547, 6.010710e-01]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %33 = llm.rms_norm %31, %32 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<1x?x64xf32, #map30>, tensor<64xf32>) -> tensor<1x?x64xf32, #map30>
    %34 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 8 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 9 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 10 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %35 = llm.linear %33, %34 : (tensor<1x?x64xf32, #map30>, tensor<64x128xf32>) -> tensor<1x?x128xf32, #map31>
    %36 = llm.slice %35 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<1x?x128xf32, #map31>) -> tensor<1x?x64xf32, #map30>
    %37 = llm.slice %35 {starts = #map8, steps = array<i64: 1, 1, 1>} : (tensor<1x?x128xf32, #map31>) -> tensor<1x?x32xf32, #map32>
    %38 = llm.slice %35 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<1x?x128xf32, #map31>) -> tensor<1x?x32xf32, #map32>
    %39 = llm.reshape %36 : (tensor<1x?x64xf32, #map30>) -> tensor<1x?x4x16xf32, #map33>
    %40 = llm.reshape %37 : (tensor<1x?x32xf32, #map32>) -> tensor<1x?x2x16xf32, #map34>
    %41 = llm.reshape %38 : (tensor<1x?x32xf32, #map32>) -> tensor<1x?x2x16xf32, #map34>
    %42 = llm.rope %39, %arg1 inv_freq %17 {rotary = 16 : i64} : (tensor<1x?x4x16xf32, #map33>, tensor<1x?xi64, #map25>, tensor<8xf32>) -> tensor<1x?x4x16xf32, #map33>
    %43 = llm.rope %40, %arg1 inv_freq %17 {rotary = 16 : i64} : (tensor<1x?x2x16xf32, #map34>, tensor<1x?xi64, #map25>, tensor<8xf32>) -> tensor<1x?x2x16xf32, #map34>
    %44 = llm.kv_append %arg4, %43 : (tensor<1x2x?x16xf32, #map26>, tensor<1x?x2x16xf32, #map34>) -> tensor<1x2x?x16xf32, #map35>
    %45 = llm.kv_append %arg5, %41 : (tensor<1x2x?x16xf32, #map26>, tensor<1x?x2x16xf32, #map34>) -> tensor<1x2x?x16xf32, #map35>
    %46 = llm.attention %42, %44, %45 {causal, offset = #map13, scale = 2.500000e-01 : f64} : (tensor<1x?x4x16xf32, #map33>, tensor<1x2x?x16xf32, #map35>, tensor<1x2x?x16xf32, #map35>) -> tensor<1x?x4x16xf32, #map33>
    %47 = llm.gather %46, %arg7 {axis = 1 : i64} : (tensor<1x?x4x16xf32, #map33>, tensor<?xi64, #map28>) -> tensor<1x?x4x16xf32, #map36>
    %48 = llm.reshape %47 : (tensor<1x?x4x16xf32, #map36>) -> tensor<1x?x64xf32, #map37>
    %49 = llm.linear %48, %3 : (tensor<1x?x64xf32, #map37>, tensor<64x64xf32>) -> tensor<1x?x64xf32, #map37>
    %50 = llm.gather %31, %arg7 {axis = 1 : i64} : (tensor<1x?x64xf32, #map30>, tensor<?xi64, #map28>) -> tensor<1x?x64xf32, #map37>
    %51 = llm.add %50, %49 : (tensor<1x?x64xf32, #map37>, tensor<1x?x64xf32, #map37>) -> tensor<1x?x64xf32, #map37>
    %52 = llm.weight <"dense", [], {value = dense<[0.631445407, 0.717482089, 0.974039494, 1.19434738, 1.15920103, 1.06882036, 1.08450949, 0.810631394, 0.790939927, 1.14759755, 0.792040824, 0.869431495, 1.00860476, 0.832221984, 1.01694262, 1.41811013, 0.724265933, 1.28397465, 1.06360722, 0.848209917, 0.913953602, 1.03358889, 0.93143779, 1.03456008, 1.11425209, 1.33053803, 0.931780755, 1.04284513, 0.967629671, 0.846134424, 1.09702265, 0.850805699, 1.34966469, 0.794662714, 0.853223502, 0.751904904, 1.09342575, 0.959840893, 0.644282937, 0.93437916, 0.765494465, 1.18876672, 0.842900515, 0.942440986, 0.952541708, 1.23412919, 1.06108165, 1.05519617, 1.11961663, 1.05610812, 0.634987712, 1.03072596, 1.19519675, 1.16877699, 0.852540493, 0.949261426, 1.21469057, 0.889110267, 1.21114469, 0.676483512, 1.05769587, 0.864414393, 1.25639117, 0.790394246]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %53 = llm.rms_norm %51, %52 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<1x?x64xf32, #map37>, tensor<64xf32>) -> tensor<1x?x64xf32, #map37>
    %54 = llm.weight <"source", [], {id = 12 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %55 = llm.weight <"source", [], {id = 13 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %56 = llm.gated_mlp %53, %54, %55, %4 {activation = 4 : i32} : (tensor<1x?x64xf32, #map37>, tensor<64x80xf32>, tensor<64x80xf32>, tensor<80x64xf32>) -> tensor<1x?x64xf32, #map37>
    %57 = llm.add %51, %56 : (tensor<1x?x64xf32, #map37>, tensor<1x?x64xf32, #map37>) -> tensor<1x?x64xf32, #map37>
    %58 = llm.weight <"dense", [], {value = dense<[0.839123249, 0.692064881, 0.916539669, 1.04223371, 1.24671042, 1.10401535, 1.06169844, 1.23754787, 0.98735845, 1.07021773, 0.889894247, 0.978267788, 0.835208475, 1.05095387, 0.669860601, 0.897091269, 1.12703693, 0.940782309, 0.976063489, 0.77805525, 1.14757252, 1.00214207, 0.974482119, 0.923403263, 1.09070766, 0.937628567, 0.991012692, 9.388350e-01, 1.07805932, 1.33602786, 1.07612991, 0.889015793, 1.22586358, 1.12685597, 1.04747176, 1.82145023, 1.26169229, 0.87111634, 0.839118421, 1.19983053, 1.13350058, 0.689913869, 0.907486617, 1.01676524, 1.05471134, 0.996138989, 1.21774626, 1.36471069, 1.0541954, 0.997324943, 1.10505939, 0.457743824, 0.881654441, 0.96978408, 1.15439451, 0.892558097, 0.732486963, 1.32653952, 0.817110777, 0.952258944, 0.94027549, 1.14726281, 0.997291743, 1.31015277]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %59 = llm.rms_norm %57, %58 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<1x?x64xf32, #map37>, tensor<64xf32>) -> tensor<1x?x64xf32, #map37>
    %60 = llm.linear %59, %5 : (tensor<1x?x64xf32, #map37>, tensor<64x320xf32>) -> tensor<1x?x320xf32, #map29>
    return %60 : tensor<1x?x320xf32, #map29>
  }
}
