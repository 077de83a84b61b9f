#map = affine_map<()[s0, s1] -> (s0, s1)>
#map1 = affine_map<()[s0, s1, s2] -> (s0, s1 + s2)>
#map2 = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 16)>
#map3 = affine_map<()[s0, s1] -> (s0, s1, 320)>
#map4 = affine_map<()[s0, s1, s2] -> (s0, 2, s1 + s2, 16)>
#map5 = affine_map<()[s0, s1] -> (s0, s1, 64)>
#map6 = affine_map<()[s0, s1] -> (s0, s1, 128)>
#map7 = affine_map<() -> (0, 0, 96)>
#map8 = affine_map<()[s0, s1] -> (s0, s1, 32)>
#map9 = affine_map<()[s0, s1] -> (s0, s1, 2, 16)>
#map10 = affine_map<() -> (0, 0, 0)>
#map11 = affine_map<()[s0, s1] -> (s0, s1, 96)>
#map12 = affine_map<()[s0, s1] -> (s0, s1, 6, 16)>
#map13 = affine_map<() -> (0, 0, 0, 0)>
#map14 = affine_map<()[s0, s1] -> (s0, s1, 4, 16)>
#map15 = affine_map<() -> (0, 0, 4, 0)>
#map16 = affine_map<()[s0, s1, s2] -> (s2)>
#map17 = affine_map<()[s0, s1] -> (s0, s1, 80)>
#map18 = affine_map<()[s0] -> (s0, 1, 320)>
#map19 = affine_map<()[s0, s1] -> (0, s1 - 1, 0, 0)>
#map20 = affine_map<()[s0] -> (s0, 1, 4, 16)>
#map21 = affine_map<()[s0] -> (s0, 1, 64)>
#map22 = affine_map<()[s0, s1] -> (0, s1 - 1, 0)>
#map23 = affine_map<()[s0] -> (s0, 1, 80)>
#map24 = affine_map<()[s0] -> (s0, 1)>
#map25 = affine_map<()[s0, s1, s2] -> (s0, s2 + 1)>
#map26 = affine_map<()[s0] -> (s0, 1, 128)>
#map27 = affine_map<()[s0] -> (s0, 1, 32)>
#map28 = affine_map<()[s0] -> (s0, 1, 2, 16)>
#map29 = affine_map<()[s0] -> (s0, 1, 96)>
#map30 = affine_map<()[s0] -> (s0, 1, 6, 16)>
#map31 = affine_map<()[s0, s1, s2] -> (s0, 2, s2 + 1, 16)>
#map32 = affine_map<()[s0, s1] -> (1, s1)>
#map33 = affine_map<()[s0, s1, s2] -> (1, 2, s2, 16)>
#map34 = affine_map<()[s0, s1, s2, s3] -> (s3)>
#map35 = affine_map<()[s0, s1, s2, s3, s4] -> (s4)>
#map36 = affine_map<()[s0, s1, s2, s3, s4] -> (1, s4, 320)>
#map37 = affine_map<()[s0, s1] -> (1, s1, 64)>
#map38 = affine_map<()[s0, s1] -> (1, s1, 128)>
#map39 = affine_map<()[s0, s1] -> (1, s1, 32)>
#map40 = affine_map<()[s0, s1] -> (1, s1, 2, 16)>
#map41 = affine_map<()[s0, s1] -> (1, s1, 96)>
#map42 = affine_map<()[s0, s1] -> (1, s1, 6, 16)>
#map43 = affine_map<()[s0, s1] -> (1, s1, 4, 16)>
#map44 = affine_map<()[s0, s1, s2] -> (1, 2, s1 + s2, 16)>
#map45 = affine_map<()[s0, s1] -> (1, s1, 80)>
#map46 = affine_map<()[s0, s1, s2, s3, s4] -> (1, s4, 4, 16)>
#map47 = affine_map<()[s0, s1, s2, s3, s4] -> (1, s4, 64)>
#map48 = affine_map<()[s0, s1, s2, s3, s4] -> (1, s4, 80)>
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
    %11 = llm.slice %10 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map8>
    %12 = llm.reshape %11 : (tensor<?x?x32xf32, #map8>) -> tensor<?x?x2x16xf32, #map9>
    %13 = llm.weight <"reshape", [#llm.recipe<"dense", [], {value = dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>}, tensor<1x8x1xf32>>], {}, tensor<8xf32>> : tensor<8xf32>
    %14 = llm.slice %10 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x96xf32, #map11>
    %15 = llm.reshape %14 : (tensor<?x?x96xf32, #map11>) -> tensor<?x?x6x16xf32, #map12>
    %16 = llm.rope %15, %arg2 inv_freq %13 {rotary = 16 : i64} : (tensor<?x?x6x16xf32, #map12>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x6x16xf32, #map12>
    %17 = llm.slice %16 {starts = #map13, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x6x16xf32, #map12>) -> tensor<?x?x4x16xf32, #map14>
    %18 = llm.slice %16 {starts = #map15, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x6x16xf32, #map12>) -> tensor<?x?x2x16xf32, #map9>
    %19 = llm.kv_append %arg3, %18 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map9>) -> tensor<?x2x?x16xf32, #map4>
    %20 = llm.kv_append %arg4, %12 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map9>) -> tensor<?x2x?x16xf32, #map4>
    %21 = llm.attention %17, %19, %20 key_mask %arg1 {causal, offset = #map16, scale = 2.500000e-01 : f64} : (tensor<?x?x4x16xf32, #map14>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x?xi64, #map1>) -> tensor<?x?x4x16xf32, #map14>
    %22 = llm.reshape %21 : (tensor<?x?x4x16xf32, #map14>) -> tensor<?x?x64xf32, #map5>
    %23 = llm.linear %22, %1 residual %6 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %24 = llm.weight <"dense", [], {value = dense<[0.896047651, 0.871219456, 1.02083981, 1.34063756, 1.20964885, 0.971161127, 0.786200225, 0.613613844, 0.968177378, 1.28947687, 0.790925562, 0.934999108, 1.28177071, 0.882665991, 1.18590486, 0.750861585, 0.623232603, 1.38046515, 0.97269082, 1.04748273, 0.657438874, 1.47955024, 0.814865052, 0.845361769, 0.866075873, 1.07972431, 0.9386397, 1.22881091, 0.832076966, 0.829637706, 0.711759329, 1.23478603, 1.09538317, 0.881546139, 0.806465864, 1.20413423, 1.18943417, 0.803948462, 1.14115059, 1.00328016, 1.21011066, 1.1621393, 0.690364837, 1.03328156, 1.20911932, 0.86536324, 1.51557255, 1.18329465, 0.734930873, 0.756124079, 0.727681934, 0.942774891, 0.614024639, 1.058470e+00, 0.771177053, 0.886351585, 1.10986543, 0.707425833, 0.800698161, 1.08413386, 0.92157948, 1.1217947, 0.540475249, 0.571912766]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %25 = llm.rms_norm %23, %24 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %26 = llm.weight <"source", [], {id = 5 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %27 = llm.weight <"source", [], {id = 6 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %28 = llm.gated_linear %25, %26, %27 {activation = 4 : i32} : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map17>
    %29 = llm.linear %28, %2 residual %23 : (tensor<?x?x80xf32, #map17>, tensor<80x64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %30 = llm.weight <"dense", [], {value = dense<[0.822555899, 1.05523086, 0.959249377, 0.887286186, 1.2826581, 9.956290e-01, 0.525347114, 0.809387266, 0.826110959, 1.01597643, 9.711800e-01, 0.86476171, 0.959363043, 0.843282461, 1.08229339, 1.02702868, 0.983772158, 1.00085437, 0.908554434, 1.09542799, 1.09555089, 1.32642984, 1.04437399, 1.01073742, 1.23459089, 0.623512268, 9.761090e-01, 1.31121433, 1.02503633, 9.503970e-01, 1.16970658, 1.17062712, 1.15579331, 0.787596464, 0.759842395, 1.05435979, 1.37240613, 0.985955595, 1.0058589, 1.18492472, 1.16965234, 1.03398263, 1.04042602, 0.972859621, 1.07594323, 0.971829175, 0.924548447, 1.04375899, 0.934996962, 0.985079467, 1.07746732, 0.688873529, 1.18524647, 0.844717144, 0.802070498, 0.864202738, 0.695141673, 1.49529088, 0.940060555, 0.733945131, 0.967701792, 0.947464525, 0.506240547, 6.010710e-01]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %31 = llm.rms_norm %29, %30 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %32 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 8 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 9 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 10 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %33 = llm.linear %31, %32 : (tensor<?x?x64xf32, #map5>, tensor<64x128xf32>) -> tensor<?x?x128xf32, #map6>
    %34 = llm.slice %33 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map8>
    %35 = llm.reshape %34 : (tensor<?x?x32xf32, #map8>) -> tensor<?x?x2x16xf32, #map9>
    %36 = llm.slice %33 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x96xf32, #map11>
    %37 = llm.reshape %36 : (tensor<?x?x96xf32, #map11>) -> tensor<?x?x6x16xf32, #map12>
    %38 = llm.rope %37, %arg2 inv_freq %13 {rotary = 16 : i64} : (tensor<?x?x6x16xf32, #map12>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x6x16xf32, #map12>
    %39 = llm.slice %38 {starts = #map13, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x6x16xf32, #map12>) -> tensor<?x?x4x16xf32, #map14>
    %40 = llm.slice %38 {starts = #map15, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x6x16xf32, #map12>) -> tensor<?x?x2x16xf32, #map9>
    %41 = llm.kv_append %arg5, %40 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map9>) -> tensor<?x2x?x16xf32, #map4>
    %42 = llm.kv_append %arg6, %35 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map9>) -> tensor<?x2x?x16xf32, #map4>
    %43 = llm.attention %39, %41, %42 key_mask %arg1 {causal, offset = #map16, scale = 2.500000e-01 : f64} : (tensor<?x?x4x16xf32, #map14>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x?xi64, #map1>) -> tensor<?x?x4x16xf32, #map14>
    %44 = llm.reshape %43 : (tensor<?x?x4x16xf32, #map14>) -> tensor<?x?x64xf32, #map5>
    %45 = llm.linear %44, %3 residual %29 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %46 = llm.weight <"dense", [], {value = dense<[0.631445407, 0.717482089, 0.974039494, 1.19434738, 1.15920103, 1.06882036, 1.08450949, 0.810631394, 0.790939927, 1.14759755, 0.792040824, 0.869431495, 1.00860476, 0.832221984, 1.01694262, 1.41811013, 0.724265933, 1.28397465, 1.06360722, 0.848209917, 0.913953602, 1.03358889, 0.93143779, 1.03456008, 1.11425209, 1.33053803, 0.931780755, 1.04284513, 0.967629671, 0.846134424, 1.09702265, 0.850805699, 1.34966469, 0.794662714, 0.853223502, 0.751904904, 1.09342575, 0.959840893, 0.644282937, 0.93437916, 0.765494465, 1.18876672, 0.842900515, 0.942440986, 0.952541708, 1.23412919, 1.06108165, 1.05519617, 1.11961663, 1.05610812, 0.634987712, 1.03072596, 1.19519675, 1.16877699, 0.852540493, 0.949261426, 1.21469057, 0.889110267, 1.21114469, 0.676483512, 1.05769587, 0.864414393, 1.25639117, 0.790394246]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %47 = llm.rms_norm %45, %46 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %48 = llm.weight <"source", [], {id = 12 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %49 = llm.weight <"source", [], {id = 13 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %50 = llm.gated_linear %47, %48, %49 {activation = 4 : i32} : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map17>
    %51 = llm.linear %50, %4 residual %45 : (tensor<?x?x80xf32, #map17>, tensor<80x64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %52 = llm.weight <"dense", [], {value = dense<[0.839123249, 0.692064881, 0.916539669, 1.04223371, 1.24671042, 1.10401535, 1.06169844, 1.23754787, 0.98735845, 1.07021773, 0.889894247, 0.978267788, 0.835208475, 1.05095387, 0.669860601, 0.897091269, 1.12703693, 0.940782309, 0.976063489, 0.77805525, 1.14757252, 1.00214207, 0.974482119, 0.923403263, 1.09070766, 0.937628567, 0.991012692, 9.388350e-01, 1.07805932, 1.33602786, 1.07612991, 0.889015793, 1.22586358, 1.12685597, 1.04747176, 1.82145023, 1.26169229, 0.87111634, 0.839118421, 1.19983053, 1.13350058, 0.689913869, 0.907486617, 1.01676524, 1.05471134, 0.996138989, 1.21774626, 1.36471069, 1.0541954, 0.997324943, 1.10505939, 0.457743824, 0.881654441, 0.96978408, 1.15439451, 0.892558097, 0.732486963, 1.32653952, 0.817110777, 0.952258944, 0.94027549, 1.14726281, 0.997291743, 1.31015277]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %53 = llm.rms_norm %51, %52 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %54 = llm.linear %53, %5 : (tensor<?x?x64xf32, #map5>, tensor<64x320xf32>) -> tensor<?x?x320xf32, #map3>
    return %54, %19, %20, %41, %42 : tensor<?x?x320xf32, #map3>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>
  }
  func.func @prefill(%arg0: tensor<?x?xi64, #map> {llm.name = "input_ids", llm.role = "tokens"}, %arg1: tensor<?x?xi64, #map1> {llm.name = "attention_mask", llm.role = "attention_mask"}, %arg2: tensor<?x?xi64, #map> {llm.name = "position_ids", llm.role = "position_ids"}, %arg3: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.key", llm.state = 0 : i64, llm.state_output = "present.0.key"}, %arg4: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.value", llm.state = 1 : i64, llm.state_output = "present.0.value"}, %arg5: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.key", llm.state = 2 : i64, llm.state_output = "present.1.key"}, %arg6: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.value", llm.state = 3 : i64, llm.state_output = "present.1.value"}) -> (tensor<?x1x320xf32, #map18> {llm.name = "logits"}) attributes {llm.entry = "prefill"} {
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
    %11 = llm.slice %10 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map8>
    %12 = llm.reshape %11 : (tensor<?x?x32xf32, #map8>) -> tensor<?x?x2x16xf32, #map9>
    %13 = llm.weight <"reshape", [#llm.recipe<"dense", [], {value = dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>}, tensor<1x8x1xf32>>], {}, tensor<8xf32>> : tensor<8xf32>
    %14 = llm.slice %10 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x96xf32, #map11>
    %15 = llm.reshape %14 : (tensor<?x?x96xf32, #map11>) -> tensor<?x?x6x16xf32, #map12>
    %16 = llm.rope %15, %arg2 inv_freq %13 {rotary = 16 : i64} : (tensor<?x?x6x16xf32, #map12>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x6x16xf32, #map12>
    %17 = llm.slice %16 {starts = #map13, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x6x16xf32, #map12>) -> tensor<?x?x4x16xf32, #map14>
    %18 = llm.slice %16 {starts = #map15, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x6x16xf32, #map12>) -> tensor<?x?x2x16xf32, #map9>
    %19 = llm.kv_append %arg3, %18 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map9>) -> tensor<?x2x?x16xf32, #map4>
    %20 = llm.kv_append %arg4, %12 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map9>) -> tensor<?x2x?x16xf32, #map4>
    %21 = llm.attention %17, %19, %20 key_mask %arg1 {causal, offset = #map16, scale = 2.500000e-01 : f64} : (tensor<?x?x4x16xf32, #map14>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x?xi64, #map1>) -> tensor<?x?x4x16xf32, #map14>
    %22 = llm.reshape %21 : (tensor<?x?x4x16xf32, #map14>) -> tensor<?x?x64xf32, #map5>
    %23 = llm.linear %22, %1 residual %6 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %24 = llm.weight <"dense", [], {value = dense<[0.896047651, 0.871219456, 1.02083981, 1.34063756, 1.20964885, 0.971161127, 0.786200225, 0.613613844, 0.968177378, 1.28947687, 0.790925562, 0.934999108, 1.28177071, 0.882665991, 1.18590486, 0.750861585, 0.623232603, 1.38046515, 0.97269082, 1.04748273, 0.657438874, 1.47955024, 0.814865052, 0.845361769, 0.866075873, 1.07972431, 0.9386397, 1.22881091, 0.832076966, 0.829637706, 0.711759329, 1.23478603, 1.09538317, 0.881546139, 0.806465864, 1.20413423, 1.18943417, 0.803948462, 1.14115059, 1.00328016, 1.21011066, 1.1621393, 0.690364837, 1.03328156, 1.20911932, 0.86536324, 1.51557255, 1.18329465, 0.734930873, 0.756124079, 0.727681934, 0.942774891, 0.614024639, 1.058470e+00, 0.771177053, 0.886351585, 1.10986543, 0.707425833, 0.800698161, 1.08413386, 0.92157948, 1.1217947, 0.540475249, 0.571912766]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %25 = llm.rms_norm %23, %24 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %26 = llm.weight <"source", [], {id = 5 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %27 = llm.weight <"source", [], {id = 6 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %28 = llm.gated_linear %25, %26, %27 {activation = 4 : i32} : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map17>
    %29 = llm.linear %28, %2 residual %23 : (tensor<?x?x80xf32, #map17>, tensor<80x64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %30 = llm.weight <"dense", [], {value = dense<[0.822555899, 1.05523086, 0.959249377, 0.887286186, 1.2826581, 9.956290e-01, 0.525347114, 0.809387266, 0.826110959, 1.01597643, 9.711800e-01, 0.86476171, 0.959363043, 0.843282461, 1.08229339, 1.02702868, 0.983772158, 1.00085437, 0.908554434, 1.09542799, 1.09555089, 1.32642984, 1.04437399, 1.01073742, 1.23459089, 0.623512268, 9.761090e-01, 1.31121433, 1.02503633, 9.503970e-01, 1.16970658, 1.17062712, 1.15579331, 0.787596464, 0.759842395, 1.05435979, 1.37240613, 0.985955595, 1.0058589, 1.18492472, 1.16965234, 1.03398263, 1.04042602, 0.972859621, 1.07594323, 0.971829175, 0.924548447, 1.04375899, 0.934996962, 0.985079467, 1.07746732, 0.688873529, 1.18524647, 0.844717144, 0.802070498, 0.864202738, 0.695141673, 1.49529088, 0.940060555, 0.733945131, 0.967701792, 0.947464525, 0.506240547, 6.010710e-01]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %31 = llm.rms_norm %29, %30 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x?x64xf32, #map5>, tensor<64xf32>) -> tensor<?x?x64xf32, #map5>
    %32 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 8 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 9 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 10 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %33 = llm.linear %31, %32 : (tensor<?x?x64xf32, #map5>, tensor<64x128xf32>) -> tensor<?x?x128xf32, #map6>
    %34 = llm.slice %33 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x32xf32, #map8>
    %35 = llm.reshape %34 : (tensor<?x?x32xf32, #map8>) -> tensor<?x?x2x16xf32, #map9>
    %36 = llm.slice %33 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x?x128xf32, #map6>) -> tensor<?x?x96xf32, #map11>
    %37 = llm.reshape %36 : (tensor<?x?x96xf32, #map11>) -> tensor<?x?x6x16xf32, #map12>
    %38 = llm.rope %37, %arg2 inv_freq %13 {rotary = 16 : i64} : (tensor<?x?x6x16xf32, #map12>, tensor<?x?xi64, #map>, tensor<8xf32>) -> tensor<?x?x6x16xf32, #map12>
    %39 = llm.slice %38 {starts = #map13, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x6x16xf32, #map12>) -> tensor<?x?x4x16xf32, #map14>
    %40 = llm.slice %38 {starts = #map15, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x6x16xf32, #map12>) -> tensor<?x?x2x16xf32, #map9>
    %41 = llm.kv_append %arg5, %40 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map9>) -> tensor<?x2x?x16xf32, #map4>
    %42 = llm.kv_append %arg6, %35 : (tensor<?x2x?x16xf32, #map2>, tensor<?x?x2x16xf32, #map9>) -> tensor<?x2x?x16xf32, #map4>
    %43 = llm.attention %39, %41, %42 key_mask %arg1 {causal, offset = #map16, scale = 2.500000e-01 : f64} : (tensor<?x?x4x16xf32, #map14>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x?xi64, #map1>) -> tensor<?x?x4x16xf32, #map14>
    %44 = llm.slice %43 {starts = #map19, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x4x16xf32, #map14>) -> tensor<?x1x4x16xf32, #map20>
    %45 = llm.reshape %44 : (tensor<?x1x4x16xf32, #map20>) -> tensor<?x1x64xf32, #map21>
    %46 = llm.slice %29 {starts = #map22, steps = array<i64: 1, 1, 1>} : (tensor<?x?x64xf32, #map5>) -> tensor<?x1x64xf32, #map21>
    %47 = llm.linear %45, %3 residual %46 : (tensor<?x1x64xf32, #map21>, tensor<64x64xf32>, tensor<?x1x64xf32, #map21>) -> tensor<?x1x64xf32, #map21>
    %48 = llm.weight <"dense", [], {value = dense<[0.631445407, 0.717482089, 0.974039494, 1.19434738, 1.15920103, 1.06882036, 1.08450949, 0.810631394, 0.790939927, 1.14759755, 0.792040824, 0.869431495, 1.00860476, 0.832221984, 1.01694262, 1.41811013, 0.724265933, 1.28397465, 1.06360722, 0.848209917, 0.913953602, 1.03358889, 0.93143779, 1.03456008, 1.11425209, 1.33053803, 0.931780755, 1.04284513, 0.967629671, 0.846134424, 1.09702265, 0.850805699, 1.34966469, 0.794662714, 0.853223502, 0.751904904, 1.09342575, 0.959840893, 0.644282937, 0.93437916, 0.765494465, 1.18876672, 0.842900515, 0.942440986, 0.952541708, 1.23412919, 1.06108165, 1.05519617, 1.11961663, 1.05610812, 0.634987712, 1.03072596, 1.19519675, 1.16877699, 0.852540493, 0.949261426, 1.21469057, 0.889110267, 1.21114469, 0.676483512, 1.05769587, 0.864414393, 1.25639117, 0.790394246]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %49 = llm.rms_norm %47, %48 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map21>, tensor<64xf32>) -> tensor<?x1x64xf32, #map21>
    %50 = llm.weight <"source", [], {id = 12 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %51 = llm.weight <"source", [], {id = 13 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %52 = llm.gated_linear %49, %50, %51 {activation = 4 : i32} : (tensor<?x1x64xf32, #map21>, tensor<64x80xf32>, tensor<64x80xf32>) -> tensor<?x1x80xf32, #map23>
    %53 = llm.linear %52, %4 residual %47 : (tensor<?x1x80xf32, #map23>, tensor<80x64xf32>, tensor<?x1x64xf32, #map21>) -> tensor<?x1x64xf32, #map21>
    %54 = llm.weight <"dense", [], {value = dense<[0.839123249, 0.692064881, 0.916539669, 1.04223371, 1.24671042, 1.10401535, 1.06169844, 1.23754787, 0.98735845, 1.07021773, 0.889894247, 0.978267788, 0.835208475, 1.05095387, 0.669860601, 0.897091269, 1.12703693, 0.940782309, 0.976063489, 0.77805525, 1.14757252, 1.00214207, 0.974482119, 0.923403263, 1.09070766, 0.937628567, 0.991012692, 9.388350e-01, 1.07805932, 1.33602786, 1.07612991, 0.889015793, 1.22586358, 1.12685597, 1.04747176, 1.82145023, 1.26169229, 0.87111634, 0.839118421, 1.19983053, 1.13350058, 0.689913869, 0.907486617, 1.01676524, 1.05471134, 0.996138989, 1.21774626, 1.36471069, 1.0541954, 0.997324943, 1.10505939, 0.457743824, 0.881654441, 0.96978408, 1.15439451, 0.892558097, 0.732486963, 1.32653952, 0.817110777, 0.952258944, 0.94027549, 1.14726281, 0.997291743, 1.31015277]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %55 = llm.rms_norm %53, %54 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map21>, tensor<64xf32>) -> tensor<?x1x64xf32, #map21>
    %56 = llm.linear %55, %5 : (tensor<?x1x64xf32, #map21>, tensor<64x320xf32>) -> tensor<?x1x320xf32, #map18>
    return %56 : tensor<?x1x320xf32, #map18>
  }
  func.func @decode(%arg0: tensor<?x1xi64, #map24> {llm.name = "input_ids", llm.role = "tokens"}, %arg1: tensor<?x?xi64, #map25> {llm.name = "attention_mask", llm.role = "attention_mask"}, %arg2: tensor<?x1xi64, #map24> {llm.name = "position_ids", llm.role = "position_ids"}, %arg3: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.key", llm.state = 0 : i64, llm.state_output = "present.0.key"}, %arg4: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.value", llm.state = 1 : i64, llm.state_output = "present.0.value"}, %arg5: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.key", llm.state = 2 : i64, llm.state_output = "present.1.key"}, %arg6: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.value", llm.state = 3 : i64, llm.state_output = "present.1.value"}) -> (tensor<?x1x320xf32, #map18> {llm.name = "logits"}) attributes {llm.entry = "decode"} {
    %0 = llm.weight <"source", [], {id = 0 : i64}, tensor<320x64xf32>> : tensor<320x64xf32>
    %1 = llm.weight <"source", [], {id = 4 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %2 = llm.weight <"source", [], {id = 7 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %3 = llm.weight <"source", [], {id = 11 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %4 = llm.weight <"source", [], {id = 14 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %5 = llm.weight <"source", [], {id = 15 : i64}, tensor<64x320xf32>> : tensor<64x320xf32>
    %6 = llm.embedding %0, %arg0 : (tensor<320x64xf32>, tensor<?x1xi64, #map24>) -> tensor<?x1x64xf32, #map21>
    %7 = llm.weight <"dense", [], {value = dense<[0.961650967, 0.640332639, 0.973787844, 0.771315932, 1.45250499, 0.924612284, 1.16474509, 0.750013709, 0.917473435, 1.23146737, 0.867908716, 1.01182067, 0.871301293, 1.26518893, 0.996601521, 0.97588092, 0.849948168, 1.11283207, 1.3038106, 0.956662535, 0.960013866, 0.984468221, 1.1427331, 0.986684978, 1.20987904, 0.803588092, 0.821738719, 0.994226455, 0.907365679, 0.699171066, 0.698443889, 0.971141576, 1.05149484, 1.16902685, 0.967145562, 0.719867826, 1.28791583, 0.866231739, 1.036250e+00, 1.09032393, 1.06400168, 1.12278426, 1.07553542, 0.745056629, 0.937712908, 0.895624041, 1.48279798, 0.86476624, 1.41517794, 1.20900559, 1.14346576, 1.10472083, 0.946516633, 0.865659714, 1.08495581, 1.04133677, 1.01410437, 1.2698338, 1.07963991, 0.656723678, 0.820796549, 0.858986198, 1.21475756, 1.14294982]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %8 = llm.rms_norm %6, %7 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map21>, tensor<64xf32>) -> tensor<?x1x64xf32, #map21>
    %9 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 1 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 2 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 3 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %10 = llm.linear %8, %9 : (tensor<?x1x64xf32, #map21>, tensor<64x128xf32>) -> tensor<?x1x128xf32, #map26>
    %11 = llm.slice %10 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x1x128xf32, #map26>) -> tensor<?x1x32xf32, #map27>
    %12 = llm.reshape %11 : (tensor<?x1x32xf32, #map27>) -> tensor<?x1x2x16xf32, #map28>
    %13 = llm.weight <"reshape", [#llm.recipe<"dense", [], {value = dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>}, tensor<1x8x1xf32>>], {}, tensor<8xf32>> : tensor<8xf32>
    %14 = llm.slice %10 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x1x128xf32, #map26>) -> tensor<?x1x96xf32, #map29>
    %15 = llm.reshape %14 : (tensor<?x1x96xf32, #map29>) -> tensor<?x1x6x16xf32, #map30>
    %16 = llm.rope %15, %arg2 inv_freq %13 {rotary = 16 : i64} : (tensor<?x1x6x16xf32, #map30>, tensor<?x1xi64, #map24>, tensor<8xf32>) -> tensor<?x1x6x16xf32, #map30>
    %17 = llm.slice %16 {starts = #map13, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x1x6x16xf32, #map30>) -> tensor<?x1x4x16xf32, #map20>
    %18 = llm.slice %16 {starts = #map15, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x1x6x16xf32, #map30>) -> tensor<?x1x2x16xf32, #map28>
    %19 = llm.kv_append %arg3, %18 : (tensor<?x2x?x16xf32, #map2>, tensor<?x1x2x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map31>
    %20 = llm.kv_append %arg4, %12 : (tensor<?x2x?x16xf32, #map2>, tensor<?x1x2x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map31>
    %21 = llm.attention %17, %19, %20 key_mask %arg1 {causal, offset = #map16, scale = 2.500000e-01 : f64} : (tensor<?x1x4x16xf32, #map20>, tensor<?x2x?x16xf32, #map31>, tensor<?x2x?x16xf32, #map31>, tensor<?x?xi64, #map25>) -> tensor<?x1x4x16xf32, #map20>
    %22 = llm.reshape %21 : (tensor<?x1x4x16xf32, #map20>) -> tensor<?x1x64xf32, #map21>
    %23 = llm.linear %22, %1 residual %6 : (tensor<?x1x64xf32, #map21>, tensor<64x64xf32>, tensor<?x1x64xf32, #map21>) -> tensor<?x1x64xf32, #map21>
    %24 = llm.weight <"dense", [], {value = dense<[0.896047651, 0.871219456, 1.02083981, 1.34063756, 1.20964885, 0.971161127, 0.786200225, 0.613613844, 0.968177378, 1.28947687, 0.790925562, 0.934999108, 1.28177071, 0.882665991, 1.18590486, 0.750861585, 0.623232603, 1.38046515, 0.97269082, 1.04748273, 0.657438874, 1.47955024, 0.814865052, 0.845361769, 0.866075873, 1.07972431, 0.9386397, 1.22881091, 0.832076966, 0.829637706, 0.711759329, 1.23478603, 1.09538317, 0.881546139, 0.806465864, 1.20413423, 1.18943417, 0.803948462, 1.14115059, 1.00328016, 1.21011066, 1.1621393, 0.690364837, 1.03328156, 1.20911932, 0.86536324, 1.51557255, 1.18329465, 0.734930873, 0.756124079, 0.727681934, 0.942774891, 0.614024639, 1.058470e+00, 0.771177053, 0.886351585, 1.10986543, 0.707425833, 0.800698161, 1.08413386, 0.92157948, 1.1217947, 0.540475249, 0.571912766]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %25 = llm.rms_norm %23, %24 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map21>, tensor<64xf32>) -> tensor<?x1x64xf32, #map21>
    %26 = llm.weight <"source", [], {id = 5 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %27 = llm.weight <"source", [], {id = 6 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %28 = llm.gated_linear %25, %26, %27 {activation = 4 : i32} : (tensor<?x1x64xf32, #map21>, tensor<64x80xf32>, tensor<64x80xf32>) -> tensor<?x1x80xf32, #map23>
    %29 = llm.linear %28, %2 residual %23 : (tensor<?x1x80xf32, #map23>, tensor<80x64xf32>, tensor<?x1x64xf32, #map21>) -> tensor<?x1x64xf32, #map21>
    %30 = llm.weight <"dense", [], {value = dense<[0.822555899, 1.05523086, 0.959249377, 0.887286186, 1.2826581, 9.956290e-01, 0.525347114, 0.809387266, 0.826110959, 1.01597643, 9.711800e-01, 0.86476171, 0.959363043, 0.843282461, 1.08229339, 1.02702868, 0.983772158, 1.00085437, 0.908554434, 1.09542799, 1.09555089, 1.32642984, 1.04437399, 1.01073742, 1.23459089, 0.623512268, 9.761090e-01, 1.31121433, 1.02503633, 9.503970e-01, 1.16970658, 1.17062712, 1.15579331, 0.787596464, 0.759842395, 1.05435979, 1.37240613, 0.985955595, 1.0058589, 1.18492472, 1.16965234, 1.03398263, 1.04042602, 0.972859621, 1.07594323, 0.971829175, 0.924548447, 1.04375899, 0.934996962, 0.985079467, 1.07746732, 0.688873529, 1.18524647, 0.844717144, 0.802070498, 0.864202738, 0.695141673, 1.49529088, 0.940060555, 0.733945131, 0.967701792, 0.947464525, 0.506240547, 6.010710e-01]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %31 = llm.rms_norm %29, %30 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map21>, tensor<64xf32>) -> tensor<?x1x64xf32, #map21>
    %32 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 8 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 9 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 10 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %33 = llm.linear %31, %32 : (tensor<?x1x64xf32, #map21>, tensor<64x128xf32>) -> tensor<?x1x128xf32, #map26>
    %34 = llm.slice %33 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<?x1x128xf32, #map26>) -> tensor<?x1x32xf32, #map27>
    %35 = llm.reshape %34 : (tensor<?x1x32xf32, #map27>) -> tensor<?x1x2x16xf32, #map28>
    %36 = llm.slice %33 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<?x1x128xf32, #map26>) -> tensor<?x1x96xf32, #map29>
    %37 = llm.reshape %36 : (tensor<?x1x96xf32, #map29>) -> tensor<?x1x6x16xf32, #map30>
    %38 = llm.rope %37, %arg2 inv_freq %13 {rotary = 16 : i64} : (tensor<?x1x6x16xf32, #map30>, tensor<?x1xi64, #map24>, tensor<8xf32>) -> tensor<?x1x6x16xf32, #map30>
    %39 = llm.slice %38 {starts = #map13, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x1x6x16xf32, #map30>) -> tensor<?x1x4x16xf32, #map20>
    %40 = llm.slice %38 {starts = #map15, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x1x6x16xf32, #map30>) -> tensor<?x1x2x16xf32, #map28>
    %41 = llm.kv_append %arg5, %40 : (tensor<?x2x?x16xf32, #map2>, tensor<?x1x2x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map31>
    %42 = llm.kv_append %arg6, %35 : (tensor<?x2x?x16xf32, #map2>, tensor<?x1x2x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map31>
    %43 = llm.attention %39, %41, %42 key_mask %arg1 {causal, offset = #map16, scale = 2.500000e-01 : f64} : (tensor<?x1x4x16xf32, #map20>, tensor<?x2x?x16xf32, #map31>, tensor<?x2x?x16xf32, #map31>, tensor<?x?xi64, #map25>) -> tensor<?x1x4x16xf32, #map20>
    %44 = llm.reshape %43 : (tensor<?x1x4x16xf32, #map20>) -> tensor<?x1x64xf32, #map21>
    %45 = llm.linear %44, %3 residual %29 : (tensor<?x1x64xf32, #map21>, tensor<64x64xf32>, tensor<?x1x64xf32, #map21>) -> tensor<?x1x64xf32, #map21>
    %46 = llm.weight <"dense", [], {value = dense<[0.631445407, 0.717482089, 0.974039494, 1.19434738, 1.15920103, 1.06882036, 1.08450949, 0.810631394, 0.790939927, 1.14759755, 0.792040824, 0.869431495, 1.00860476, 0.832221984, 1.01694262, 1.41811013, 0.724265933, 1.28397465, 1.06360722, 0.848209917, 0.913953602, 1.03358889, 0.93143779, 1.03456008, 1.11425209, 1.33053803, 0.931780755, 1.04284513, 0.967629671, 0.846134424, 1.09702265, 0.850805699, 1.34966469, 0.794662714, 0.853223502, 0.751904904, 1.09342575, 0.959840893, 0.644282937, 0.93437916, 0.765494465, 1.18876672, 0.842900515, 0.942440986, 0.952541708, 1.23412919, 1.06108165, 1.05519617, 1.11961663, 1.05610812, 0.634987712, 1.03072596, 1.19519675, 1.16877699, 0.852540493, 0.949261426, 1.21469057, 0.889110267, 1.21114469, 0.676483512, 1.05769587, 0.864414393, 1.25639117, 0.790394246]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %47 = llm.rms_norm %45, %46 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map21>, tensor<64xf32>) -> tensor<?x1x64xf32, #map21>
    %48 = llm.weight <"source", [], {id = 12 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %49 = llm.weight <"source", [], {id = 13 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %50 = llm.gated_linear %47, %48, %49 {activation = 4 : i32} : (tensor<?x1x64xf32, #map21>, tensor<64x80xf32>, tensor<64x80xf32>) -> tensor<?x1x80xf32, #map23>
    %51 = llm.linear %50, %4 residual %45 : (tensor<?x1x80xf32, #map23>, tensor<80x64xf32>, tensor<?x1x64xf32, #map21>) -> tensor<?x1x64xf32, #map21>
    %52 = llm.weight <"dense", [], {value = dense<[0.839123249, 0.692064881, 0.916539669, 1.04223371, 1.24671042, 1.10401535, 1.06169844, 1.23754787, 0.98735845, 1.07021773, 0.889894247, 0.978267788, 0.835208475, 1.05095387, 0.669860601, 0.897091269, 1.12703693, 0.940782309, 0.976063489, 0.77805525, 1.14757252, 1.00214207, 0.974482119, 0.923403263, 1.09070766, 0.937628567, 0.991012692, 9.388350e-01, 1.07805932, 1.33602786, 1.07612991, 0.889015793, 1.22586358, 1.12685597, 1.04747176, 1.82145023, 1.26169229, 0.87111634, 0.839118421, 1.19983053, 1.13350058, 0.689913869, 0.907486617, 1.01676524, 1.05471134, 0.996138989, 1.21774626, 1.36471069, 1.0541954, 0.997324943, 1.10505939, 0.457743824, 0.881654441, 0.96978408, 1.15439451, 0.892558097, 0.732486963, 1.32653952, 0.817110777, 0.952258944, 0.94027549, 1.14726281, 0.997291743, 1.31015277]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %53 = llm.rms_norm %51, %52 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<?x1x64xf32, #map21>, tensor<64xf32>) -> tensor<?x1x64xf32, #map21>
    %54 = llm.linear %53, %5 : (tensor<?x1x64xf32, #map21>, tensor<64x320xf32>) -> tensor<?x1x320xf32, #map18>
    return %54 : tensor<?x1x320xf32, #map18>
  }
  func.func @step(%arg0: tensor<1x?xi64, #map32> {llm.name = "input_ids", llm.role = "tokens"}, %arg1: tensor<1x?xi64, #map32> {llm.name = "position_ids", llm.role = "position_ids"}, %arg2: tensor<1x2x?x16xf32, #map33> {llm.name = "past_key_values.0.key", llm.state = 0 : i64, llm.state_output = "present.0.key"}, %arg3: tensor<1x2x?x16xf32, #map33> {llm.name = "past_key_values.0.value", llm.state = 1 : i64, llm.state_output = "present.0.value"}, %arg4: tensor<1x2x?x16xf32, #map33> {llm.name = "past_key_values.1.key", llm.state = 2 : i64, llm.state_output = "present.1.key"}, %arg5: tensor<1x2x?x16xf32, #map33> {llm.name = "past_key_values.1.value", llm.state = 3 : i64, llm.state_output = "present.1.value"}, %arg6: tensor<?xi64, #map34> {llm.name = "segments", llm.role = "segments"}, %arg7: tensor<?xi64, #map35> {llm.name = "rows", llm.role = "rows"}) -> (tensor<1x?x320xf32, #map36> {llm.name = "logits"}) attributes {llm.entry = "step"} {
    %0 = llm.weight <"source", [], {id = 0 : i64}, tensor<320x64xf32>> : tensor<320x64xf32>
    %1 = llm.weight <"source", [], {id = 4 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %2 = llm.weight <"source", [], {id = 7 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %3 = llm.weight <"source", [], {id = 11 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %4 = llm.weight <"source", [], {id = 14 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %5 = llm.weight <"source", [], {id = 15 : i64}, tensor<64x320xf32>> : tensor<64x320xf32>
    %6 = llm.embedding %0, %arg0 : (tensor<320x64xf32>, tensor<1x?xi64, #map32>) -> tensor<1x?x64xf32, #map37>
    %7 = llm.weight <"dense", [], {value = dense<[0.961650967, 0.640332639, 0.973787844, 0.771315932, 1.45250499, 0.924612284, 1.16474509, 0.750013709, 0.917473435, 1.23146737, 0.867908716, 1.01182067, 0.871301293, 1.26518893, 0.996601521, 0.97588092, 0.849948168, 1.11283207, 1.3038106, 0.956662535, 0.960013866, 0.984468221, 1.1427331, 0.986684978, 1.20987904, 0.803588092, 0.821738719, 0.994226455, 0.907365679, 0.699171066, 0.698443889, 0.971141576, 1.05149484, 1.16902685, 0.967145562, 0.719867826, 1.28791583, 0.866231739, 1.036250e+00, 1.09032393, 1.06400168, 1.12278426, 1.07553542, 0.745056629, 0.937712908, 0.895624041, 1.48279798, 0.86476624, 1.41517794, 1.20900559, 1.14346576, 1.10472083, 0.946516633, 0.865659714, 1.08495581, 1.04133677, 1.01410437, 1.2698338, 1.07963991, 0.656723678, 0.820796549, 0.858986198, 1.21475756, 1.14294982]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %8 = llm.rms_norm %6, %7 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<1x?x64xf32, #map37>, tensor<64xf32>) -> tensor<1x?x64xf32, #map37>
    %9 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 1 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 2 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 3 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %10 = llm.linear %8, %9 : (tensor<1x?x64xf32, #map37>, tensor<64x128xf32>) -> tensor<1x?x128xf32, #map38>
    %11 = llm.slice %10 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<1x?x128xf32, #map38>) -> tensor<1x?x32xf32, #map39>
    %12 = llm.reshape %11 : (tensor<1x?x32xf32, #map39>) -> tensor<1x?x2x16xf32, #map40>
    %13 = llm.weight <"reshape", [#llm.recipe<"dense", [], {value = dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>}, tensor<1x8x1xf32>>], {}, tensor<8xf32>> : tensor<8xf32>
    %14 = llm.slice %10 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<1x?x128xf32, #map38>) -> tensor<1x?x96xf32, #map41>
    %15 = llm.reshape %14 : (tensor<1x?x96xf32, #map41>) -> tensor<1x?x6x16xf32, #map42>
    %16 = llm.rope %15, %arg1 inv_freq %13 {rotary = 16 : i64} : (tensor<1x?x6x16xf32, #map42>, tensor<1x?xi64, #map32>, tensor<8xf32>) -> tensor<1x?x6x16xf32, #map42>
    %17 = llm.slice %16 {starts = #map13, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x?x6x16xf32, #map42>) -> tensor<1x?x4x16xf32, #map43>
    %18 = llm.slice %16 {starts = #map15, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x?x6x16xf32, #map42>) -> tensor<1x?x2x16xf32, #map40>
    %19 = llm.kv_append %arg2, %18 : (tensor<1x2x?x16xf32, #map33>, tensor<1x?x2x16xf32, #map40>) -> tensor<1x2x?x16xf32, #map44>
    %20 = llm.kv_append %arg3, %12 : (tensor<1x2x?x16xf32, #map33>, tensor<1x?x2x16xf32, #map40>) -> tensor<1x2x?x16xf32, #map44>
    %21 = llm.attention %17, %19, %20 {causal, offset = #map16, scale = 2.500000e-01 : f64} : (tensor<1x?x4x16xf32, #map43>, tensor<1x2x?x16xf32, #map44>, tensor<1x2x?x16xf32, #map44>) -> tensor<1x?x4x16xf32, #map43>
    %22 = llm.reshape %21 : (tensor<1x?x4x16xf32, #map43>) -> tensor<1x?x64xf32, #map37>
    %23 = llm.linear %22, %1 residual %6 : (tensor<1x?x64xf32, #map37>, tensor<64x64xf32>, tensor<1x?x64xf32, #map37>) -> tensor<1x?x64xf32, #map37>
    %24 = llm.weight <"dense", [], {value = dense<[0.896047651, 0.871219456, 1.02083981, 1.34063756, 1.20964885, 0.971161127, 0.786200225, 0.613613844, 0.968177378, 1.28947687, 0.790925562, 0.934999108, 1.28177071, 0.882665991, 1.18590486, 0.750861585, 0.623232603, 1.38046515, 0.97269082, 1.04748273, 0.657438874, 1.47955024, 0.814865052, 0.845361769, 0.866075873, 1.07972431, 0.9386397, 1.22881091, 0.832076966, 0.829637706, 0.711759329, 1.23478603, 1.09538317, 0.881546139, 0.806465864, 1.20413423, 1.18943417, 0.803948462, 1.14115059, 1.00328016, 1.21011066, 1.1621393, 0.690364837, 1.03328156, 1.20911932, 0.86536324, 1.51557255, 1.18329465, 0.734930873, 0.756124079, 0.727681934, 0.942774891, 0.614024639, 1.058470e+00, 0.771177053, 0.886351585, 1.10986543, 0.707425833, 0.800698161, 1.08413386, 0.92157948, 1.1217947, 0.540475249, 0.571912766]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %25 = llm.rms_norm %23, %24 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<1x?x64xf32, #map37>, tensor<64xf32>) -> tensor<1x?x64xf32, #map37>
    %26 = llm.weight <"source", [], {id = 5 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %27 = llm.weight <"source", [], {id = 6 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %28 = llm.gated_linear %25, %26, %27 {activation = 4 : i32} : (tensor<1x?x64xf32, #map37>, tensor<64x80xf32>, tensor<64x80xf32>) -> tensor<1x?x80xf32, #map45>
    %29 = llm.linear %28, %2 residual %23 : (tensor<1x?x80xf32, #map45>, tensor<80x64xf32>, tensor<1x?x64xf32, #map37>) -> tensor<1x?x64xf32, #map37>
    %30 = llm.weight <"dense", [], {value = dense<[0.822555899, 1.05523086, 0.959249377, 0.887286186, 1.2826581, 9.956290e-01, 0.525347114, 0.809387266, 0.826110959, 1.01597643, 9.711800e-01, 0.86476171, 0.959363043, 0.843282461, 1.08229339, 1.02702868, 0.983772158, 1.00085437, 0.908554434, 1.09542799, 1.09555089, 1.32642984, 1.04437399, 1.01073742, 1.23459089, 0.623512268, 9.761090e-01, 1.31121433, 1.02503633, 9.503970e-01, 1.16970658, 1.17062712, 1.15579331, 0.787596464, 0.759842395, 1.05435979, 1.37240613, 0.985955595, 1.0058589, 1.18492472, 1.16965234, 1.03398263, 1.04042602, 0.972859621, 1.07594323, 0.971829175, 0.924548447, 1.04375899, 0.934996962, 0.985079467, 1.07746732, 0.688873529, 1.18524647, 0.844717144, 0.802070498, 0.864202738, 0.695141673, 1.49529088, 0.940060555, 0.733945131, 0.967701792, 0.947464525, 0.506240547, 6.010710e-01]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %31 = llm.rms_norm %29, %30 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<1x?x64xf32, #map37>, tensor<64xf32>) -> tensor<1x?x64xf32, #map37>
    %32 = llm.weight <"concat", [#llm.recipe<"source", [], {id = 8 : i64}, tensor<64x64xf32>>, #llm.recipe<"source", [], {id = 9 : i64}, tensor<64x32xf32>>, #llm.recipe<"source", [], {id = 10 : i64}, tensor<64x32xf32>>], {axis = 1 : i64}, tensor<64x128xf32>> : tensor<64x128xf32>
    %33 = llm.linear %31, %32 : (tensor<1x?x64xf32, #map37>, tensor<64x128xf32>) -> tensor<1x?x128xf32, #map38>
    %34 = llm.slice %33 {starts = #map7, steps = array<i64: 1, 1, 1>} : (tensor<1x?x128xf32, #map38>) -> tensor<1x?x32xf32, #map39>
    %35 = llm.reshape %34 : (tensor<1x?x32xf32, #map39>) -> tensor<1x?x2x16xf32, #map40>
    %36 = llm.slice %33 {starts = #map10, steps = array<i64: 1, 1, 1>} : (tensor<1x?x128xf32, #map38>) -> tensor<1x?x96xf32, #map41>
    %37 = llm.reshape %36 : (tensor<1x?x96xf32, #map41>) -> tensor<1x?x6x16xf32, #map42>
    %38 = llm.rope %37, %arg1 inv_freq %13 {rotary = 16 : i64} : (tensor<1x?x6x16xf32, #map42>, tensor<1x?xi64, #map32>, tensor<8xf32>) -> tensor<1x?x6x16xf32, #map42>
    %39 = llm.slice %38 {starts = #map13, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x?x6x16xf32, #map42>) -> tensor<1x?x4x16xf32, #map43>
    %40 = llm.slice %38 {starts = #map15, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x?x6x16xf32, #map42>) -> tensor<1x?x2x16xf32, #map40>
    %41 = llm.kv_append %arg4, %40 : (tensor<1x2x?x16xf32, #map33>, tensor<1x?x2x16xf32, #map40>) -> tensor<1x2x?x16xf32, #map44>
    %42 = llm.kv_append %arg5, %35 : (tensor<1x2x?x16xf32, #map33>, tensor<1x?x2x16xf32, #map40>) -> tensor<1x2x?x16xf32, #map44>
    %43 = llm.attention %39, %41, %42 {causal, offset = #map16, scale = 2.500000e-01 : f64} : (tensor<1x?x4x16xf32, #map43>, tensor<1x2x?x16xf32, #map44>, tensor<1x2x?x16xf32, #map44>) -> tensor<1x?x4x16xf32, #map43>
    %44 = llm.gather %43, %arg7 {axis = 1 : i64} : (tensor<1x?x4x16xf32, #map43>, tensor<?xi64, #map35>) -> tensor<1x?x4x16xf32, #map46>
    %45 = llm.reshape %44 : (tensor<1x?x4x16xf32, #map46>) -> tensor<1x?x64xf32, #map47>
    %46 = llm.gather %29, %arg7 {axis = 1 : i64} : (tensor<1x?x64xf32, #map37>, tensor<?xi64, #map35>) -> tensor<1x?x64xf32, #map47>
    %47 = llm.linear %45, %3 residual %46 : (tensor<1x?x64xf32, #map47>, tensor<64x64xf32>, tensor<1x?x64xf32, #map47>) -> tensor<1x?x64xf32, #map47>
    %48 = llm.weight <"dense", [], {value = dense<[0.631445407, 0.717482089, 0.974039494, 1.19434738, 1.15920103, 1.06882036, 1.08450949, 0.810631394, 0.790939927, 1.14759755, 0.792040824, 0.869431495, 1.00860476, 0.832221984, 1.01694262, 1.41811013, 0.724265933, 1.28397465, 1.06360722, 0.848209917, 0.913953602, 1.03358889, 0.93143779, 1.03456008, 1.11425209, 1.33053803, 0.931780755, 1.04284513, 0.967629671, 0.846134424, 1.09702265, 0.850805699, 1.34966469, 0.794662714, 0.853223502, 0.751904904, 1.09342575, 0.959840893, 0.644282937, 0.93437916, 0.765494465, 1.18876672, 0.842900515, 0.942440986, 0.952541708, 1.23412919, 1.06108165, 1.05519617, 1.11961663, 1.05610812, 0.634987712, 1.03072596, 1.19519675, 1.16877699, 0.852540493, 0.949261426, 1.21469057, 0.889110267, 1.21114469, 0.676483512, 1.05769587, 0.864414393, 1.25639117, 0.790394246]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %49 = llm.rms_norm %47, %48 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<1x?x64xf32, #map47>, tensor<64xf32>) -> tensor<1x?x64xf32, #map47>
    %50 = llm.weight <"source", [], {id = 12 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %51 = llm.weight <"source", [], {id = 13 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %52 = llm.gated_linear %49, %50, %51 {activation = 4 : i32} : (tensor<1x?x64xf32, #map47>, tensor<64x80xf32>, tensor<64x80xf32>) -> tensor<1x?x80xf32, #map48>
    %53 = llm.linear %52, %4 residual %47 : (tensor<1x?x80xf32, #map48>, tensor<80x64xf32>, tensor<1x?x64xf32, #map47>) -> tensor<1x?x64xf32, #map47>
    %54 = llm.weight <"dense", [], {value = dense<[0.839123249, 0.692064881, 0.916539669, 1.04223371, 1.24671042, 1.10401535, 1.06169844, 1.23754787, 0.98735845, 1.07021773, 0.889894247, 0.978267788, 0.835208475, 1.05095387, 0.669860601, 0.897091269, 1.12703693, 0.940782309, 0.976063489, 0.77805525, 1.14757252, 1.00214207, 0.974482119, 0.923403263, 1.09070766, 0.937628567, 0.991012692, 9.388350e-01, 1.07805932, 1.33602786, 1.07612991, 0.889015793, 1.22586358, 1.12685597, 1.04747176, 1.82145023, 1.26169229, 0.87111634, 0.839118421, 1.19983053, 1.13350058, 0.689913869, 0.907486617, 1.01676524, 1.05471134, 0.996138989, 1.21774626, 1.36471069, 1.0541954, 0.997324943, 1.10505939, 0.457743824, 0.881654441, 0.96978408, 1.15439451, 0.892558097, 0.732486963, 1.32653952, 0.817110777, 0.952258944, 0.94027549, 1.14726281, 0.997291743, 1.31015277]> : tensor<64xf32>}, tensor<64xf32>> : tensor<64xf32>
    %55 = llm.rms_norm %53, %54 {epsilon = 9.9999999747524271E-7 : f64} : (tensor<1x?x64xf32, #map47>, tensor<64xf32>) -> tensor<1x?x64xf32, #map47>
    %56 = llm.linear %55, %5 : (tensor<1x?x64xf32, #map47>, tensor<64x320xf32>) -> tensor<1x?x320xf32, #map36>
    return %56 : tensor<1x?x320xf32, #map36>
  }
}
