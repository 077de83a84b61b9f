#map = affine_map<()[s0, s1] -> (s0, s1)>
#map1 = affine_map<()[s0, s1, s2] -> (s0, s1 + s2)>
#map2 = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 16)>
#map3 = affine_map<()[s0, s1] -> (s0, s1, 320)>
#map4 = affine_map<()[s0, s1, s2] -> (s0, 2, s1 + s2, 16)>
#map5 = affine_map<()[s0, s1] -> (s0, s1, 64)>
#map6 = affine_map<()[s0, s1, s2] -> (s2)>
#map7 = affine_map<()[s0, s1] -> (s1)>
#map8 = affine_map<()[s0, s1] -> (1, 1, s1, 1)>
#map9 = affine_map<()[s0] -> (s0)>
#map10 = affine_map<()[s0] -> (s0, 1, 1, 1)>
#map11 = affine_map<()[s0, s1, s2] -> (s1 + s2)>
#map12 = affine_map<()[s0, s1, s2] -> (1, 1, 1, s1 + s2)>
#map13 = affine_map<()[s0, s1, s2] -> (1, 1, s1, s1 + s2)>
#map14 = affine_map<()[s0, s1, s2] -> (s0 * s1 + s0 * s2, 1)>
#map15 = affine_map<()[s0, s1, s2] -> (s0, 1, 1, s1 + s2)>
#map16 = affine_map<()[s0, s1, s2] -> (s0, 1, 1, s1 + s2, 1)>
#map17 = affine_map<()[s0, s1, s2] -> (s0, 1, s1, s1 + s2)>
#map18 = affine_map<()[s0] -> (s0, 8, 1)>
#map19 = affine_map<()[s0, s1] -> (s0, 1, s1)>
#map20 = affine_map<()[s0, s1] -> (s0, 8, s1)>
#map21 = affine_map<()[s0, s1] -> (s0, s1, 8)>
#map22 = affine_map<()[s0, s1] -> (s0, s1, 16)>
#map23 = affine_map<()[s0, s1] -> (s0, s1, 1)>
#map24 = affine_map<()[s0, s1] -> (s0, s1, 4, 16)>
#map25 = affine_map<()[s0, s1] -> (s0, 4, s1, 16)>
#map26 = affine_map<()[s0, s1] -> (s0, s1, 32)>
#map27 = affine_map<()[s0, s1] -> (s0, s1, 2, 16)>
#map28 = affine_map<()[s0, s1] -> (s0, 2, s1, 16)>
#map29 = affine_map<()[s0, s1] -> (s0, 1, s1, 16)>
#map30 = affine_map<() -> (0, 0, 0, 0)>
#map31 = affine_map<()[s0, s1] -> (s0, 4, s1, 8)>
#map32 = affine_map<() -> (0, 0, 0, 8)>
#map33 = affine_map<()[s0, s1] -> (s0, 2, s1, 8)>
#map34 = affine_map<()[s0, s1, s2] -> (s0, 2, 1, s1 + s2, 16)>
#map35 = affine_map<()[s0, s1, s2] -> (s0, 2, 2, s1 + s2, 16)>
#map36 = affine_map<()[s0, s1, s2] -> (s0, 4, s1 + s2, 16)>
#map37 = affine_map<()[s0, s1, s2] -> (s0, 4, 16, s1 + s2)>
#map38 = affine_map<()[s0, s1, s2] -> (s0, 4, s1, s1 + s2)>
#map39 = affine_map<()[s0, s1] -> (s0, s1, 80)>
module attributes {llm.symbols = ["batch_size", "sequence_length", "past_sequence_length"]} {
  func.func @main(%arg0: tensor<?x?xi64, #map> {llm.name = "input_ids"}, %arg1: tensor<?x?xi64, #map1> {llm.name = "attention_mask"}, %arg2: tensor<?x?xi64, #map> {llm.name = "position_ids"}, %arg3: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.key"}, %arg4: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.value"}, %arg5: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.key"}, %arg6: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.value"}) -> (tensor<?x?x320xf32, #map3> {llm.name = "logits"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.0.key"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.0.value"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.1.key"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.1.value"}) {
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
    %21 = llm.gather %0, %arg0 {axis = 0 : i64} : (tensor<320x64xf32>, tensor<?x?xi64, #map>) -> tensor<?x?x64xf32, #map5>
    %22 = llm.constant dense<1> : tensor<i64>
    %23 = llm.dims #map6 : tensor<i64>
    %24 = llm.range %23, %22 : (tensor<i64>, tensor<i64>) -> tensor<?xi64, #map7>
    %25 = llm.cast %arg1 : (tensor<?x?xi64, #map1>) -> tensor<?x?xi1, #map1>
    %26 = llm.reshape %24 : (tensor<?xi64, #map7>) -> tensor<1x1x?x1xi64, #map8>
    %27 = llm.constant dense<0> : tensor<i64>
    %28 = llm.constant dense<1> : tensor<i64>
    %29 = llm.range %27, %28 : (tensor<i64>, tensor<i64>) -> tensor<?xi64, #map9>
    %30 = llm.reshape %29 : (tensor<?xi64, #map9>) -> tensor<?x1x1x1xi64, #map10>
    %31 = llm.constant dense<0> : tensor<i64>
    %32 = llm.constant dense<1> : tensor<i64>
    %33 = llm.range %31, %32 : (tensor<i64>, tensor<i64>) -> tensor<?xi64, #map11>
    %34 = llm.reshape %33 : (tensor<?xi64, #map11>) -> tensor<1x1x1x?xi64, #map12>
    %35 = llm.less_equal %34, %26 : (tensor<1x1x1x?xi64, #map12>, tensor<1x1x?x1xi64, #map8>) -> tensor<1x1x?x?xi1, #map13>
    %36 = llm.constant dense<true> : tensor<i1>
    %37 = llm.and %36, %35 : (tensor<i1>, tensor<1x1x?x?xi1, #map13>) -> tensor<1x1x?x?xi1, #map13>
    %38 = llm.reshape %25 : (tensor<?x?xi1, #map1>) -> tensor<?x1xi1, #map14>
    %39 = llm.dims #map11 : tensor<1xi64>
    %40 = llm.mul %30, %39 : (tensor<?x1x1x1xi64, #map10>, tensor<1xi64>) -> tensor<?x1x1x1xi64, #map10>
    %41 = llm.add %34, %40 : (tensor<1x1x1x?xi64, #map12>, tensor<?x1x1x1xi64, #map10>) -> tensor<?x1x1x?xi64, #map15>
    %42 = llm.gather %38, %41 {axis = 0 : i64} : (tensor<?x1xi1, #map14>, tensor<?x1x1x?xi64, #map15>) -> tensor<?x1x1x?x1xi1, #map16>
    %43 = llm.reshape %42 : (tensor<?x1x1x?x1xi1, #map16>) -> tensor<?x1x1x?xi1, #map15>
    %44 = llm.and %37, %43 : (tensor<1x1x?x?xi1, #map13>, tensor<?x1x1x?xi1, #map15>) -> tensor<?x1x?x?xi1, #map17>
    %45 = llm.constant dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>
    %46 = llm.expand %45 : (tensor<1x8x1xf32>) -> tensor<?x8x1xf32, #map18>
    %47 = llm.reshape %arg2 : (tensor<?x?xi64, #map>) -> tensor<?x1x?xi64, #map19>
    %48 = llm.cast %47 : (tensor<?x1x?xi64, #map19>) -> tensor<?x1x?xf32, #map19>
    %49 = llm.matmul %46, %48 : (tensor<?x8x1xf32, #map18>, tensor<?x1x?xf32, #map19>) -> tensor<?x8x?xf32, #map20>
    %50 = llm.transpose %49 {perm = array<i64: 0, 2, 1>} : (tensor<?x8x?xf32, #map20>) -> tensor<?x?x8xf32, #map21>
    %51 = llm.concat %50, %50 {axis = 2 : i64} : (tensor<?x?x8xf32, #map21>, tensor<?x?x8xf32, #map21>) -> tensor<?x?x16xf32, #map22>
    %52 = llm.cos %51 : (tensor<?x?x16xf32, #map22>) -> tensor<?x?x16xf32, #map22>
    %53 = llm.constant dense<1.000000e+00> : tensor<f32>
    %54 = llm.mul %52, %53 : (tensor<?x?x16xf32, #map22>, tensor<f32>) -> tensor<?x?x16xf32, #map22>
    %55 = llm.sin %51 : (tensor<?x?x16xf32, #map22>) -> tensor<?x?x16xf32, #map22>
    %56 = llm.constant dense<1.000000e+00> : tensor<f32>
    %57 = llm.mul %55, %56 : (tensor<?x?x16xf32, #map22>, tensor<f32>) -> tensor<?x?x16xf32, #map22>
    %58 = llm.constant dense<2.000000e+00> : tensor<f32>
    %59 = llm.pow %21, %58 : (tensor<?x?x64xf32, #map5>, tensor<f32>) -> tensor<?x?x64xf32, #map5>
    %60 = llm.reduce mean %59 {axes = array<i64: 2>, keepdims = true} : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x1xf32, #map23>
    %61 = llm.constant dense<9.99999997E-7> : tensor<f32>
    %62 = llm.add %60, %61 : (tensor<?x?x1xf32, #map23>, tensor<f32>) -> tensor<?x?x1xf32, #map23>
    %63 = llm.sqrt %62 : (tensor<?x?x1xf32, #map23>) -> tensor<?x?x1xf32, #map23>
    %64 = llm.constant dense<1.000000e+00> : tensor<f32>
    %65 = llm.div %64, %63 : (tensor<f32>, tensor<?x?x1xf32, #map23>) -> tensor<?x?x1xf32, #map23>
    %66 = llm.mul %21, %65 : (tensor<?x?x64xf32, #map5>, tensor<?x?x1xf32, #map23>) -> tensor<?x?x64xf32, #map5>
    %67 = llm.mul %1, %66 : (tensor<64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %68 = llm.matmul %67, %6 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %69 = llm.reshape %68 : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x4x16xf32, #map24>
    %70 = llm.transpose %69 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x4x16xf32, #map24>) -> tensor<?x4x?x16xf32, #map25>
    %71 = llm.matmul %67, %7 : (tensor<?x?x64xf32, #map5>, tensor<64x32xf32>) -> tensor<?x?x32xf32, #map26>
    %72 = llm.reshape %71 : (tensor<?x?x32xf32, #map26>) -> tensor<?x?x2x16xf32, #map27>
    %73 = llm.transpose %72 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x16xf32, #map27>) -> tensor<?x2x?x16xf32, #map28>
    %74 = llm.matmul %67, %8 : (tensor<?x?x64xf32, #map5>, tensor<64x32xf32>) -> tensor<?x?x32xf32, #map26>
    %75 = llm.reshape %74 : (tensor<?x?x32xf32, #map26>) -> tensor<?x?x2x16xf32, #map27>
    %76 = llm.transpose %75 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x16xf32, #map27>) -> tensor<?x2x?x16xf32, #map28>
    %77 = llm.reshape %54 : (tensor<?x?x16xf32, #map22>) -> tensor<?x1x?x16xf32, #map29>
    %78 = llm.reshape %57 : (tensor<?x?x16xf32, #map22>) -> tensor<?x1x?x16xf32, #map29>
    %79 = llm.mul %70, %77 : (tensor<?x4x?x16xf32, #map25>, tensor<?x1x?x16xf32, #map29>) -> tensor<?x4x?x16xf32, #map25>
    %80 = llm.slice %70 {starts = #map30, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x4x?x16xf32, #map25>) -> tensor<?x4x?x8xf32, #map31>
    %81 = llm.slice %70 {starts = #map32, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x4x?x16xf32, #map25>) -> tensor<?x4x?x8xf32, #map31>
    %82 = llm.neg %81 : (tensor<?x4x?x8xf32, #map31>) -> tensor<?x4x?x8xf32, #map31>
    %83 = llm.concat %82, %80 {axis = 3 : i64} : (tensor<?x4x?x8xf32, #map31>, tensor<?x4x?x8xf32, #map31>) -> tensor<?x4x?x16xf32, #map25>
    %84 = llm.mul %83, %78 : (tensor<?x4x?x16xf32, #map25>, tensor<?x1x?x16xf32, #map29>) -> tensor<?x4x?x16xf32, #map25>
    %85 = llm.add %79, %84 : (tensor<?x4x?x16xf32, #map25>, tensor<?x4x?x16xf32, #map25>) -> tensor<?x4x?x16xf32, #map25>
    %86 = llm.mul %73, %77 : (tensor<?x2x?x16xf32, #map28>, tensor<?x1x?x16xf32, #map29>) -> tensor<?x2x?x16xf32, #map28>
    %87 = llm.slice %73 {starts = #map30, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x2x?x16xf32, #map28>) -> tensor<?x2x?x8xf32, #map33>
    %88 = llm.slice %73 {starts = #map32, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x2x?x16xf32, #map28>) -> tensor<?x2x?x8xf32, #map33>
    %89 = llm.neg %88 : (tensor<?x2x?x8xf32, #map33>) -> tensor<?x2x?x8xf32, #map33>
    %90 = llm.concat %89, %87 {axis = 3 : i64} : (tensor<?x2x?x8xf32, #map33>, tensor<?x2x?x8xf32, #map33>) -> tensor<?x2x?x16xf32, #map28>
    %91 = llm.mul %90, %78 : (tensor<?x2x?x16xf32, #map28>, tensor<?x1x?x16xf32, #map29>) -> tensor<?x2x?x16xf32, #map28>
    %92 = llm.add %86, %91 : (tensor<?x2x?x16xf32, #map28>, tensor<?x2x?x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map28>
    %93 = llm.concat %arg3, %92 {axis = 2 : i64} : (tensor<?x2x?x16xf32, #map2>, tensor<?x2x?x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map4>
    %94 = llm.concat %arg4, %76 {axis = 2 : i64} : (tensor<?x2x?x16xf32, #map2>, tensor<?x2x?x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map4>
    %95 = llm.reshape %93 : (tensor<?x2x?x16xf32, #map4>) -> tensor<?x2x1x?x16xf32, #map34>
    %96 = llm.expand %95 : (tensor<?x2x1x?x16xf32, #map34>) -> tensor<?x2x2x?x16xf32, #map35>
    %97 = llm.reshape %96 : (tensor<?x2x2x?x16xf32, #map35>) -> tensor<?x4x?x16xf32, #map36>
    %98 = llm.reshape %94 : (tensor<?x2x?x16xf32, #map4>) -> tensor<?x2x1x?x16xf32, #map34>
    %99 = llm.expand %98 : (tensor<?x2x1x?x16xf32, #map34>) -> tensor<?x2x2x?x16xf32, #map35>
    %100 = llm.reshape %99 : (tensor<?x2x2x?x16xf32, #map35>) -> tensor<?x4x?x16xf32, #map36>
    %101 = llm.transpose %97 {perm = array<i64: 0, 1, 3, 2>} : (tensor<?x4x?x16xf32, #map36>) -> tensor<?x4x16x?xf32, #map37>
    %102 = llm.constant dense<5.000000e-01> : tensor<f32>
    %103 = llm.mul %85, %102 : (tensor<?x4x?x16xf32, #map25>, tensor<f32>) -> tensor<?x4x?x16xf32, #map25>
    %104 = llm.constant dense<5.000000e-01> : tensor<f32>
    %105 = llm.mul %101, %104 : (tensor<?x4x16x?xf32, #map37>, tensor<f32>) -> tensor<?x4x16x?xf32, #map37>
    %106 = llm.matmul %103, %105 : (tensor<?x4x?x16xf32, #map25>, tensor<?x4x16x?xf32, #map37>) -> tensor<?x4x?x?xf32, #map38>
    %107 = llm.constant dense<0.000000e+00> : tensor<1xf32>
    %108 = llm.constant dense<0xFF800000> : tensor<1xf32>
    %109 = llm.where %44, %107, %108 : (tensor<?x1x?x?xi1, #map17>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x?x?xf32, #map17>
    %110 = llm.add %106, %109 : (tensor<?x4x?x?xf32, #map38>, tensor<?x1x?x?xf32, #map17>) -> tensor<?x4x?x?xf32, #map38>
    %111 = llm.softmax %110 {axis = 3 : i64} : (tensor<?x4x?x?xf32, #map38>) -> tensor<?x4x?x?xf32, #map38>
    %112 = llm.is_nan %111 : (tensor<?x4x?x?xf32, #map38>) -> tensor<?x4x?x?xi1, #map38>
    %113 = llm.constant dense<0.000000e+00> : tensor<1xf32>
    %114 = llm.where %112, %113, %111 : (tensor<?x4x?x?xi1, #map38>, tensor<1xf32>, tensor<?x4x?x?xf32, #map38>) -> tensor<?x4x?x?xf32, #map38>
    %115 = llm.matmul %114, %100 : (tensor<?x4x?x?xf32, #map38>, tensor<?x4x?x16xf32, #map36>) -> tensor<?x4x?x16xf32, #map25>
    %116 = llm.transpose %115 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x4x?x16xf32, #map25>) -> tensor<?x?x4x16xf32, #map24>
    %117 = llm.reshape %116 : (tensor<?x?x4x16xf32, #map24>) -> tensor<?x?x64xf32, #map5>
    %118 = llm.matmul %117, %9 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %119 = llm.add %21, %118 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %120 = llm.constant dense<2.000000e+00> : tensor<f32>
    %121 = llm.pow %119, %120 : (tensor<?x?x64xf32, #map5>, tensor<f32>) -> tensor<?x?x64xf32, #map5>
    %122 = llm.reduce mean %121 {axes = array<i64: 2>, keepdims = true} : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x1xf32, #map23>
    %123 = llm.constant dense<9.99999997E-7> : tensor<f32>
    %124 = llm.add %122, %123 : (tensor<?x?x1xf32, #map23>, tensor<f32>) -> tensor<?x?x1xf32, #map23>
    %125 = llm.sqrt %124 : (tensor<?x?x1xf32, #map23>) -> tensor<?x?x1xf32, #map23>
    %126 = llm.constant dense<1.000000e+00> : tensor<f32>
    %127 = llm.div %126, %125 : (tensor<f32>, tensor<?x?x1xf32, #map23>) -> tensor<?x?x1xf32, #map23>
    %128 = llm.mul %119, %127 : (tensor<?x?x64xf32, #map5>, tensor<?x?x1xf32, #map23>) -> tensor<?x?x64xf32, #map5>
    %129 = llm.mul %2, %128 : (tensor<64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %130 = llm.matmul %129, %10 : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map39>
    %131 = llm.sigmoid %130 : (tensor<?x?x80xf32, #map39>) -> tensor<?x?x80xf32, #map39>
    %132 = llm.mul %130, %131 : (tensor<?x?x80xf32, #map39>, tensor<?x?x80xf32, #map39>) -> tensor<?x?x80xf32, #map39>
    %133 = llm.matmul %129, %11 : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map39>
    %134 = llm.mul %132, %133 : (tensor<?x?x80xf32, #map39>, tensor<?x?x80xf32, #map39>) -> tensor<?x?x80xf32, #map39>
    %135 = llm.matmul %134, %12 : (tensor<?x?x80xf32, #map39>, tensor<80x64xf32>) -> tensor<?x?x64xf32, #map5>
    %136 = llm.add %119, %135 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %137 = llm.constant dense<2.000000e+00> : tensor<f32>
    %138 = llm.pow %136, %137 : (tensor<?x?x64xf32, #map5>, tensor<f32>) -> tensor<?x?x64xf32, #map5>
    %139 = llm.reduce mean %138 {axes = array<i64: 2>, keepdims = true} : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x1xf32, #map23>
    %140 = llm.constant dense<9.99999997E-7> : tensor<f32>
    %141 = llm.add %139, %140 : (tensor<?x?x1xf32, #map23>, tensor<f32>) -> tensor<?x?x1xf32, #map23>
    %142 = llm.sqrt %141 : (tensor<?x?x1xf32, #map23>) -> tensor<?x?x1xf32, #map23>
    %143 = llm.constant dense<1.000000e+00> : tensor<f32>
    %144 = llm.div %143, %142 : (tensor<f32>, tensor<?x?x1xf32, #map23>) -> tensor<?x?x1xf32, #map23>
    %145 = llm.mul %136, %144 : (tensor<?x?x64xf32, #map5>, tensor<?x?x1xf32, #map23>) -> tensor<?x?x64xf32, #map5>
    %146 = llm.mul %3, %145 : (tensor<64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %147 = llm.matmul %146, %13 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %148 = llm.reshape %147 : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x4x16xf32, #map24>
    %149 = llm.transpose %148 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x4x16xf32, #map24>) -> tensor<?x4x?x16xf32, #map25>
    %150 = llm.matmul %146, %14 : (tensor<?x?x64xf32, #map5>, tensor<64x32xf32>) -> tensor<?x?x32xf32, #map26>
    %151 = llm.reshape %150 : (tensor<?x?x32xf32, #map26>) -> tensor<?x?x2x16xf32, #map27>
    %152 = llm.transpose %151 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x16xf32, #map27>) -> tensor<?x2x?x16xf32, #map28>
    %153 = llm.matmul %146, %15 : (tensor<?x?x64xf32, #map5>, tensor<64x32xf32>) -> tensor<?x?x32xf32, #map26>
    %154 = llm.reshape %153 : (tensor<?x?x32xf32, #map26>) -> tensor<?x?x2x16xf32, #map27>
    %155 = llm.transpose %154 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x16xf32, #map27>) -> tensor<?x2x?x16xf32, #map28>
    %156 = llm.mul %149, %77 : (tensor<?x4x?x16xf32, #map25>, tensor<?x1x?x16xf32, #map29>) -> tensor<?x4x?x16xf32, #map25>
    %157 = llm.slice %149 {starts = #map30, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x4x?x16xf32, #map25>) -> tensor<?x4x?x8xf32, #map31>
    %158 = llm.slice %149 {starts = #map32, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x4x?x16xf32, #map25>) -> tensor<?x4x?x8xf32, #map31>
    %159 = llm.neg %158 : (tensor<?x4x?x8xf32, #map31>) -> tensor<?x4x?x8xf32, #map31>
    %160 = llm.concat %159, %157 {axis = 3 : i64} : (tensor<?x4x?x8xf32, #map31>, tensor<?x4x?x8xf32, #map31>) -> tensor<?x4x?x16xf32, #map25>
    %161 = llm.mul %160, %78 : (tensor<?x4x?x16xf32, #map25>, tensor<?x1x?x16xf32, #map29>) -> tensor<?x4x?x16xf32, #map25>
    %162 = llm.add %156, %161 : (tensor<?x4x?x16xf32, #map25>, tensor<?x4x?x16xf32, #map25>) -> tensor<?x4x?x16xf32, #map25>
    %163 = llm.mul %152, %77 : (tensor<?x2x?x16xf32, #map28>, tensor<?x1x?x16xf32, #map29>) -> tensor<?x2x?x16xf32, #map28>
    %164 = llm.slice %152 {starts = #map30, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x2x?x16xf32, #map28>) -> tensor<?x2x?x8xf32, #map33>
    %165 = llm.slice %152 {starts = #map32, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x2x?x16xf32, #map28>) -> tensor<?x2x?x8xf32, #map33>
    %166 = llm.neg %165 : (tensor<?x2x?x8xf32, #map33>) -> tensor<?x2x?x8xf32, #map33>
    %167 = llm.concat %166, %164 {axis = 3 : i64} : (tensor<?x2x?x8xf32, #map33>, tensor<?x2x?x8xf32, #map33>) -> tensor<?x2x?x16xf32, #map28>
    %168 = llm.mul %167, %78 : (tensor<?x2x?x16xf32, #map28>, tensor<?x1x?x16xf32, #map29>) -> tensor<?x2x?x16xf32, #map28>
    %169 = llm.add %163, %168 : (tensor<?x2x?x16xf32, #map28>, tensor<?x2x?x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map28>
    %170 = llm.concat %arg5, %169 {axis = 2 : i64} : (tensor<?x2x?x16xf32, #map2>, tensor<?x2x?x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map4>
    %171 = llm.concat %arg6, %155 {axis = 2 : i64} : (tensor<?x2x?x16xf32, #map2>, tensor<?x2x?x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map4>
    %172 = llm.reshape %170 : (tensor<?x2x?x16xf32, #map4>) -> tensor<?x2x1x?x16xf32, #map34>
    %173 = llm.expand %172 : (tensor<?x2x1x?x16xf32, #map34>) -> tensor<?x2x2x?x16xf32, #map35>
    %174 = llm.reshape %173 : (tensor<?x2x2x?x16xf32, #map35>) -> tensor<?x4x?x16xf32, #map36>
    %175 = llm.reshape %171 : (tensor<?x2x?x16xf32, #map4>) -> tensor<?x2x1x?x16xf32, #map34>
    %176 = llm.expand %175 : (tensor<?x2x1x?x16xf32, #map34>) -> tensor<?x2x2x?x16xf32, #map35>
    %177 = llm.reshape %176 : (tensor<?x2x2x?x16xf32, #map35>) -> tensor<?x4x?x16xf32, #map36>
    %178 = llm.transpose %174 {perm = array<i64: 0, 1, 3, 2>} : (tensor<?x4x?x16xf32, #map36>) -> tensor<?x4x16x?xf32, #map37>
    %179 = llm.constant dense<5.000000e-01> : tensor<f32>
    %180 = llm.mul %162, %179 : (tensor<?x4x?x16xf32, #map25>, tensor<f32>) -> tensor<?x4x?x16xf32, #map25>
    %181 = llm.constant dense<5.000000e-01> : tensor<f32>
    %182 = llm.mul %178, %181 : (tensor<?x4x16x?xf32, #map37>, tensor<f32>) -> tensor<?x4x16x?xf32, #map37>
    %183 = llm.matmul %180, %182 : (tensor<?x4x?x16xf32, #map25>, tensor<?x4x16x?xf32, #map37>) -> tensor<?x4x?x?xf32, #map38>
    %184 = llm.constant dense<0.000000e+00> : tensor<1xf32>
    %185 = llm.constant dense<0xFF800000> : tensor<1xf32>
    %186 = llm.where %44, %184, %185 : (tensor<?x1x?x?xi1, #map17>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x?x?xf32, #map17>
    %187 = llm.add %183, %186 : (tensor<?x4x?x?xf32, #map38>, tensor<?x1x?x?xf32, #map17>) -> tensor<?x4x?x?xf32, #map38>
    %188 = llm.softmax %187 {axis = 3 : i64} : (tensor<?x4x?x?xf32, #map38>) -> tensor<?x4x?x?xf32, #map38>
    %189 = llm.is_nan %188 : (tensor<?x4x?x?xf32, #map38>) -> tensor<?x4x?x?xi1, #map38>
    %190 = llm.constant dense<0.000000e+00> : tensor<1xf32>
    %191 = llm.where %189, %190, %188 : (tensor<?x4x?x?xi1, #map38>, tensor<1xf32>, tensor<?x4x?x?xf32, #map38>) -> tensor<?x4x?x?xf32, #map38>
    %192 = llm.matmul %191, %177 : (tensor<?x4x?x?xf32, #map38>, tensor<?x4x?x16xf32, #map36>) -> tensor<?x4x?x16xf32, #map25>
    %193 = llm.transpose %192 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x4x?x16xf32, #map25>) -> tensor<?x?x4x16xf32, #map24>
    %194 = llm.reshape %193 : (tensor<?x?x4x16xf32, #map24>) -> tensor<?x?x64xf32, #map5>
    %195 = llm.matmul %194, %16 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %196 = llm.add %136, %195 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %197 = llm.constant dense<2.000000e+00> : tensor<f32>
    %198 = llm.pow %196, %197 : (tensor<?x?x64xf32, #map5>, tensor<f32>) -> tensor<?x?x64xf32, #map5>
    %199 = llm.reduce mean %198 {axes = array<i64: 2>, keepdims = true} : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x1xf32, #map23>
    %200 = llm.constant dense<9.99999997E-7> : tensor<f32>
    %201 = llm.add %199, %200 : (tensor<?x?x1xf32, #map23>, tensor<f32>) -> tensor<?x?x1xf32, #map23>
    %202 = llm.sqrt %201 : (tensor<?x?x1xf32, #map23>) -> tensor<?x?x1xf32, #map23>
    %203 = llm.constant dense<1.000000e+00> : tensor<f32>
    %204 = llm.div %203, %202 : (tensor<f32>, tensor<?x?x1xf32, #map23>) -> tensor<?x?x1xf32, #map23>
    %205 = llm.mul %196, %204 : (tensor<?x?x64xf32, #map5>, tensor<?x?x1xf32, #map23>) -> tensor<?x?x64xf32, #map5>
    %206 = llm.mul %4, %205 : (tensor<64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %207 = llm.matmul %206, %17 : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map39>
    %208 = llm.sigmoid %207 : (tensor<?x?x80xf32, #map39>) -> tensor<?x?x80xf32, #map39>
    %209 = llm.mul %207, %208 : (tensor<?x?x80xf32, #map39>, tensor<?x?x80xf32, #map39>) -> tensor<?x?x80xf32, #map39>
    %210 = llm.matmul %206, %18 : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map39>
    %211 = llm.mul %209, %210 : (tensor<?x?x80xf32, #map39>, tensor<?x?x80xf32, #map39>) -> tensor<?x?x80xf32, #map39>
    %212 = llm.matmul %211, %19 : (tensor<?x?x80xf32, #map39>, tensor<80x64xf32>) -> tensor<?x?x64xf32, #map5>
    %213 = llm.add %196, %212 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %214 = llm.constant dense<2.000000e+00> : tensor<f32>
    %215 = llm.pow %213, %214 : (tensor<?x?x64xf32, #map5>, tensor<f32>) -> tensor<?x?x64xf32, #map5>
    %216 = llm.reduce mean %215 {axes = array<i64: 2>, keepdims = true} : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x1xf32, #map23>
    %217 = llm.constant dense<9.99999997E-7> : tensor<f32>
    %218 = llm.add %216, %217 : (tensor<?x?x1xf32, #map23>, tensor<f32>) -> tensor<?x?x1xf32, #map23>
    %219 = llm.sqrt %218 : (tensor<?x?x1xf32, #map23>) -> tensor<?x?x1xf32, #map23>
    %220 = llm.constant dense<1.000000e+00> : tensor<f32>
    %221 = llm.div %220, %219 : (tensor<f32>, tensor<?x?x1xf32, #map23>) -> tensor<?x?x1xf32, #map23>
    %222 = llm.mul %213, %221 : (tensor<?x?x64xf32, #map5>, tensor<?x?x1xf32, #map23>) -> tensor<?x?x64xf32, #map5>
    %223 = llm.mul %5, %222 : (tensor<64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %224 = llm.matmul %223, %20 : (tensor<?x?x64xf32, #map5>, tensor<64x320xf32>) -> tensor<?x?x320xf32, #map3>
    return %224, %93, %94, %170, %171 : tensor<?x?x320xf32, #map3>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>
  }
}
