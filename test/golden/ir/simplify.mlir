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
#map18 = affine_map<()[s0, s1] -> (s0, 1, s1)>
#map19 = affine_map<()[s0, s1] -> (s0, 8, s1)>
#map20 = affine_map<()[s0, s1] -> (s0, s1, 8)>
#map21 = affine_map<()[s0, s1] -> (s0, s1, 16)>
#map22 = affine_map<()[s0, s1] -> (s0, s1, 1)>
#map23 = affine_map<()[s0, s1] -> (s0, s1, 4, 16)>
#map24 = affine_map<()[s0, s1] -> (s0, 4, s1, 16)>
#map25 = affine_map<()[s0, s1] -> (s0, s1, 32)>
#map26 = affine_map<()[s0, s1] -> (s0, s1, 2, 16)>
#map27 = affine_map<()[s0, s1] -> (s0, 2, s1, 16)>
#map28 = affine_map<()[s0, s1] -> (s0, 1, s1, 16)>
#map29 = affine_map<() -> (0, 0, 0, 0)>
#map30 = affine_map<()[s0, s1] -> (s0, s1, 4, 8)>
#map31 = affine_map<()[s0, s1] -> (s0, 4, s1, 8)>
#map32 = affine_map<() -> (0, 0, 0, 8)>
#map33 = affine_map<()[s0, s1] -> (s0, s1, 2, 8)>
#map34 = affine_map<()[s0, s1] -> (s0, 2, s1, 8)>
#map35 = affine_map<()[s0, s1, s2] -> (s0, 2, 1, s1 + s2, 16)>
#map36 = affine_map<()[s0, s1, s2] -> (s0, 2, 2, s1 + s2, 16)>
#map37 = affine_map<()[s0, s1, s2] -> (s0, 4, s1 + s2, 16)>
#map38 = affine_map<()[s0, s1, s2] -> (s0, 4, 16, s1 + s2)>
#map39 = affine_map<()[s0, s1, s2] -> (s0, 4, s1, s1 + s2)>
#map40 = affine_map<()[s0, s1] -> (s0, s1, 80)>
module attributes {llm.symbols = ["batch_size", "sequence_length", "past_sequence_length"]} {
  func.func @main(%arg0: tensor<?x?xi64, #map> {llm.name = "input_ids"}, %arg1: tensor<?x?xi64, #map1> {llm.name = "attention_mask"}, %arg2: tensor<?x?xi64, #map> {llm.name = "position_ids"}, %arg3: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.key"}, %arg4: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.0.value"}, %arg5: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.key"}, %arg6: tensor<?x2x?x16xf32, #map2> {llm.name = "past_key_values.1.value"}) -> (tensor<?x?x320xf32, #map3> {llm.name = "logits"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.0.key"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.0.value"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.1.key"}, tensor<?x2x?x16xf32, #map4> {llm.name = "present.1.value"}) attributes {llm.entry = "raw"} {
    %0 = llm.constant dense<0xFF800000> : tensor<1xf32>
    %1 = llm.constant dense<0.000000e+00> : tensor<1xf32>
    %2 = llm.constant dense<5.000000e-01> : tensor<f32>
    %3 = llm.constant dense<9.99999997E-7> : tensor<f32>
    %4 = llm.constant dense<2.000000e+00> : tensor<f32>
    %5 = llm.constant dense<1.000000e+00> : tensor<f32>
    %6 = llm.constant dense<[[[1.000000e+00], [0.316227764], [1.000000e-01], [0.0316227786], [0.00999999977], [0.00316227786], [1.000000e-03], [3.16227786E-4]]]> : tensor<1x8x1xf32>
    %7 = llm.constant dense<0> : tensor<i64>
    %8 = llm.constant dense<1> : tensor<i64>
    %9 = llm.constant dense<[0.839123249, 0.692064881, 0.916539669, 1.04223371, 1.24671042, 1.10401535, 1.06169844, 1.23754787, 0.98735845, 1.07021773, 0.889894247, 0.978267788, 0.835208475, 1.05095387, 0.669860601, 0.897091269, 1.12703693, 0.940782309, 0.976063489, 0.77805525, 1.14757252, 1.00214207, 0.974482119, 0.923403263, 1.09070766, 0.937628567, 0.991012692, 9.388350e-01, 1.07805932, 1.33602786, 1.07612991, 0.889015793, 1.22586358, 1.12685597, 1.04747176, 1.82145023, 1.26169229, 0.87111634, 0.839118421, 1.19983053, 1.13350058, 0.689913869, 0.907486617, 1.01676524, 1.05471134, 0.996138989, 1.21774626, 1.36471069, 1.0541954, 0.997324943, 1.10505939, 0.457743824, 0.881654441, 0.96978408, 1.15439451, 0.892558097, 0.732486963, 1.32653952, 0.817110777, 0.952258944, 0.94027549, 1.14726281, 0.997291743, 1.31015277]> : tensor<64xf32>
    %10 = llm.constant dense<[0.631445407, 0.717482089, 0.974039494, 1.19434738, 1.15920103, 1.06882036, 1.08450949, 0.810631394, 0.790939927, 1.14759755, 0.792040824, 0.869431495, 1.00860476, 0.832221984, 1.01694262, 1.41811013, 0.724265933, 1.28397465, 1.06360722, 0.848209917, 0.913953602, 1.03358889, 0.93143779, 1.03456008, 1.11425209, 1.33053803, 0.931780755, 1.04284513, 0.967629671, 0.846134424, 1.09702265, 0.850805699, 1.34966469, 0.794662714, 0.853223502, 0.751904904, 1.09342575, 0.959840893, 0.644282937, 0.93437916, 0.765494465, 1.18876672, 0.842900515, 0.942440986, 0.952541708, 1.23412919, 1.06108165, 1.05519617, 1.11961663, 1.05610812, 0.634987712, 1.03072596, 1.19519675, 1.16877699, 0.852540493, 0.949261426, 1.21469057, 0.889110267, 1.21114469, 0.676483512, 1.05769587, 0.864414393, 1.25639117, 0.790394246]> : tensor<64xf32>
    %11 = llm.constant dense<[0.822555899, 1.05523086, 0.959249377, 0.887286186, 1.2826581, 9.956290e-01, 0.525347114, 0.809387266, 0.826110959, 1.01597643, 9.711800e-01, 0.86476171, 0.959363043, 0.843282461, 1.08229339, 1.02702868, 0.983772158, 1.00085437, 0.908554434, 1.09542799, 1.09555089, 1.32642984, 1.04437399, 1.01073742, 1.23459089, 0.623512268, 9.761090e-01, 1.31121433, 1.02503633, 9.503970e-01, 1.16970658, 1.17062712, 1.15579331, 0.787596464, 0.759842395, 1.05435979, 1.37240613, 0.985955595, 1.0058589, 1.18492472, 1.16965234, 1.03398263, 1.04042602, 0.972859621, 1.07594323, 0.971829175, 0.924548447, 1.04375899, 0.934996962, 0.985079467, 1.07746732, 0.688873529, 1.18524647, 0.844717144, 0.802070498, 0.864202738, 0.695141673, 1.49529088, 0.940060555, 0.733945131, 0.967701792, 0.947464525, 0.506240547, 6.010710e-01]> : tensor<64xf32>
    %12 = llm.constant dense<[0.896047651, 0.871219456, 1.02083981, 1.34063756, 1.20964885, 0.971161127, 0.786200225, 0.613613844, 0.968177378, 1.28947687, 0.790925562, 0.934999108, 1.28177071, 0.882665991, 1.18590486, 0.750861585, 0.623232603, 1.38046515, 0.97269082, 1.04748273, 0.657438874, 1.47955024, 0.814865052, 0.845361769, 0.866075873, 1.07972431, 0.9386397, 1.22881091, 0.832076966, 0.829637706, 0.711759329, 1.23478603, 1.09538317, 0.881546139, 0.806465864, 1.20413423, 1.18943417, 0.803948462, 1.14115059, 1.00328016, 1.21011066, 1.1621393, 0.690364837, 1.03328156, 1.20911932, 0.86536324, 1.51557255, 1.18329465, 0.734930873, 0.756124079, 0.727681934, 0.942774891, 0.614024639, 1.058470e+00, 0.771177053, 0.886351585, 1.10986543, 0.707425833, 0.800698161, 1.08413386, 0.92157948, 1.1217947, 0.540475249, 0.571912766]> : tensor<64xf32>
    %13 = llm.constant dense<[0.961650967, 0.640332639, 0.973787844, 0.771315932, 1.45250499, 0.924612284, 1.16474509, 0.750013709, 0.917473435, 1.23146737, 0.867908716, 1.01182067, 0.871301293, 1.26518893, 0.996601521, 0.97588092, 0.849948168, 1.11283207, 1.3038106, 0.956662535, 0.960013866, 0.984468221, 1.1427331, 0.986684978, 1.20987904, 0.803588092, 0.821738719, 0.994226455, 0.907365679, 0.699171066, 0.698443889, 0.971141576, 1.05149484, 1.16902685, 0.967145562, 0.719867826, 1.28791583, 0.866231739, 1.036250e+00, 1.09032393, 1.06400168, 1.12278426, 1.07553542, 0.745056629, 0.937712908, 0.895624041, 1.48279798, 0.86476624, 1.41517794, 1.20900559, 1.14346576, 1.10472083, 0.946516633, 0.865659714, 1.08495581, 1.04133677, 1.01410437, 1.2698338, 1.07963991, 0.656723678, 0.820796549, 0.858986198, 1.21475756, 1.14294982]> : tensor<64xf32>
    %14 = llm.weight <"source", [], {id = 0 : i64}, tensor<320x64xf32>> : tensor<320x64xf32>
    %15 = llm.weight <"source", [], {id = 1 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %16 = llm.weight <"source", [], {id = 2 : i64}, tensor<64x32xf32>> : tensor<64x32xf32>
    %17 = llm.weight <"source", [], {id = 3 : i64}, tensor<64x32xf32>> : tensor<64x32xf32>
    %18 = llm.weight <"source", [], {id = 4 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %19 = llm.weight <"source", [], {id = 5 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %20 = llm.weight <"source", [], {id = 6 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %21 = llm.weight <"source", [], {id = 7 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %22 = llm.weight <"source", [], {id = 8 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %23 = llm.weight <"source", [], {id = 9 : i64}, tensor<64x32xf32>> : tensor<64x32xf32>
    %24 = llm.weight <"source", [], {id = 10 : i64}, tensor<64x32xf32>> : tensor<64x32xf32>
    %25 = llm.weight <"source", [], {id = 11 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %26 = llm.weight <"source", [], {id = 12 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %27 = llm.weight <"source", [], {id = 13 : i64}, tensor<64x80xf32>> : tensor<64x80xf32>
    %28 = llm.weight <"source", [], {id = 14 : i64}, tensor<80x64xf32>> : tensor<80x64xf32>
    %29 = llm.weight <"source", [], {id = 15 : i64}, tensor<64x320xf32>> : tensor<64x320xf32>
    %30 = llm.gather %14, %arg0 {axis = 0 : i64} : (tensor<320x64xf32>, tensor<?x?xi64, #map>) -> tensor<?x?x64xf32, #map5>
    %31 = llm.dims #map6 : tensor<i64>
    %32 = llm.range %31, %8 : (tensor<i64>, tensor<i64>) -> tensor<?xi64, #map7>
    %33 = llm.cast %arg1 : (tensor<?x?xi64, #map1>) -> tensor<?x?xi1, #map1>
    %34 = llm.reshape %32 : (tensor<?xi64, #map7>) -> tensor<1x1x?x1xi64, #map8>
    %35 = llm.range %7, %8 : (tensor<i64>, tensor<i64>) -> tensor<?xi64, #map9>
    %36 = llm.reshape %35 : (tensor<?xi64, #map9>) -> tensor<?x1x1x1xi64, #map10>
    %37 = llm.range %7, %8 : (tensor<i64>, tensor<i64>) -> tensor<?xi64, #map11>
    %38 = llm.reshape %37 : (tensor<?xi64, #map11>) -> tensor<1x1x1x?xi64, #map12>
    %39 = llm.less_equal %38, %34 : (tensor<1x1x1x?xi64, #map12>, tensor<1x1x?x1xi64, #map8>) -> tensor<1x1x?x?xi1, #map13>
    %40 = llm.reshape %33 : (tensor<?x?xi1, #map1>) -> tensor<?x1xi1, #map14>
    %41 = llm.dims #map11 : tensor<1xi64>
    %42 = llm.mul %36, %41 : (tensor<?x1x1x1xi64, #map10>, tensor<1xi64>) -> tensor<?x1x1x1xi64, #map10>
    %43 = llm.add %38, %42 : (tensor<1x1x1x?xi64, #map12>, tensor<?x1x1x1xi64, #map10>) -> tensor<?x1x1x?xi64, #map15>
    %44 = llm.gather %40, %43 {axis = 0 : i64} : (tensor<?x1xi1, #map14>, tensor<?x1x1x?xi64, #map15>) -> tensor<?x1x1x?x1xi1, #map16>
    %45 = llm.reshape %44 : (tensor<?x1x1x?x1xi1, #map16>) -> tensor<?x1x1x?xi1, #map15>
    %46 = llm.and %39, %45 : (tensor<1x1x?x?xi1, #map13>, tensor<?x1x1x?xi1, #map15>) -> tensor<?x1x?x?xi1, #map17>
    %47 = llm.reshape %arg2 : (tensor<?x?xi64, #map>) -> tensor<?x1x?xi64, #map18>
    %48 = llm.cast %47 : (tensor<?x1x?xi64, #map18>) -> tensor<?x1x?xf32, #map18>
    %49 = llm.matmul %6, %48 : (tensor<1x8x1xf32>, tensor<?x1x?xf32, #map18>) -> tensor<?x8x?xf32, #map19>
    %50 = llm.transpose %49 {perm = array<i64: 0, 2, 1>} : (tensor<?x8x?xf32, #map19>) -> tensor<?x?x8xf32, #map20>
    %51 = llm.concat %50, %50 {axis = 2 : i64} : (tensor<?x?x8xf32, #map20>, tensor<?x?x8xf32, #map20>) -> tensor<?x?x16xf32, #map21>
    %52 = llm.cos %51 : (tensor<?x?x16xf32, #map21>) -> tensor<?x?x16xf32, #map21>
    %53 = llm.sin %51 : (tensor<?x?x16xf32, #map21>) -> tensor<?x?x16xf32, #map21>
    %54 = llm.pow %30, %4 : (tensor<?x?x64xf32, #map5>, tensor<f32>) -> tensor<?x?x64xf32, #map5>
    %55 = llm.reduce mean %54 {axes = array<i64: 2>, keepdims = true} : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x1xf32, #map22>
    %56 = llm.add %55, %3 : (tensor<?x?x1xf32, #map22>, tensor<f32>) -> tensor<?x?x1xf32, #map22>
    %57 = llm.sqrt %56 : (tensor<?x?x1xf32, #map22>) -> tensor<?x?x1xf32, #map22>
    %58 = llm.div %5, %57 : (tensor<f32>, tensor<?x?x1xf32, #map22>) -> tensor<?x?x1xf32, #map22>
    %59 = llm.mul %30, %58 : (tensor<?x?x64xf32, #map5>, tensor<?x?x1xf32, #map22>) -> tensor<?x?x64xf32, #map5>
    %60 = llm.mul %13, %59 : (tensor<64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %61 = llm.matmul %60, %15 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %62 = llm.reshape %61 : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x4x16xf32, #map23>
    %63 = llm.transpose %62 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x4x16xf32, #map23>) -> tensor<?x4x?x16xf32, #map24>
    %64 = llm.matmul %60, %16 : (tensor<?x?x64xf32, #map5>, tensor<64x32xf32>) -> tensor<?x?x32xf32, #map25>
    %65 = llm.reshape %64 : (tensor<?x?x32xf32, #map25>) -> tensor<?x?x2x16xf32, #map26>
    %66 = llm.transpose %65 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x16xf32, #map26>) -> tensor<?x2x?x16xf32, #map27>
    %67 = llm.matmul %60, %17 : (tensor<?x?x64xf32, #map5>, tensor<64x32xf32>) -> tensor<?x?x32xf32, #map25>
    %68 = llm.reshape %67 : (tensor<?x?x32xf32, #map25>) -> tensor<?x?x2x16xf32, #map26>
    %69 = llm.transpose %68 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x16xf32, #map26>) -> tensor<?x2x?x16xf32, #map27>
    %70 = llm.reshape %52 : (tensor<?x?x16xf32, #map21>) -> tensor<?x1x?x16xf32, #map28>
    %71 = llm.reshape %53 : (tensor<?x?x16xf32, #map21>) -> tensor<?x1x?x16xf32, #map28>
    %72 = llm.mul %63, %70 : (tensor<?x4x?x16xf32, #map24>, tensor<?x1x?x16xf32, #map28>) -> tensor<?x4x?x16xf32, #map24>
    %73 = llm.slice %62 {starts = #map29, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x4x16xf32, #map23>) -> tensor<?x?x4x8xf32, #map30>
    %74 = llm.transpose %73 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x4x8xf32, #map30>) -> tensor<?x4x?x8xf32, #map31>
    %75 = llm.slice %62 {starts = #map32, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x4x16xf32, #map23>) -> tensor<?x?x4x8xf32, #map30>
    %76 = llm.transpose %75 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x4x8xf32, #map30>) -> tensor<?x4x?x8xf32, #map31>
    %77 = llm.neg %76 : (tensor<?x4x?x8xf32, #map31>) -> tensor<?x4x?x8xf32, #map31>
    %78 = llm.concat %77, %74 {axis = 3 : i64} : (tensor<?x4x?x8xf32, #map31>, tensor<?x4x?x8xf32, #map31>) -> tensor<?x4x?x16xf32, #map24>
    %79 = llm.mul %78, %71 : (tensor<?x4x?x16xf32, #map24>, tensor<?x1x?x16xf32, #map28>) -> tensor<?x4x?x16xf32, #map24>
    %80 = llm.add %72, %79 : (tensor<?x4x?x16xf32, #map24>, tensor<?x4x?x16xf32, #map24>) -> tensor<?x4x?x16xf32, #map24>
    %81 = llm.mul %66, %70 : (tensor<?x2x?x16xf32, #map27>, tensor<?x1x?x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map27>
    %82 = llm.slice %65 {starts = #map29, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x2x16xf32, #map26>) -> tensor<?x?x2x8xf32, #map33>
    %83 = llm.transpose %82 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x8xf32, #map33>) -> tensor<?x2x?x8xf32, #map34>
    %84 = llm.slice %65 {starts = #map32, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x2x16xf32, #map26>) -> tensor<?x?x2x8xf32, #map33>
    %85 = llm.transpose %84 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x8xf32, #map33>) -> tensor<?x2x?x8xf32, #map34>
    %86 = llm.neg %85 : (tensor<?x2x?x8xf32, #map34>) -> tensor<?x2x?x8xf32, #map34>
    %87 = llm.concat %86, %83 {axis = 3 : i64} : (tensor<?x2x?x8xf32, #map34>, tensor<?x2x?x8xf32, #map34>) -> tensor<?x2x?x16xf32, #map27>
    %88 = llm.mul %87, %71 : (tensor<?x2x?x16xf32, #map27>, tensor<?x1x?x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map27>
    %89 = llm.add %81, %88 : (tensor<?x2x?x16xf32, #map27>, tensor<?x2x?x16xf32, #map27>) -> tensor<?x2x?x16xf32, #map27>
    %90 = llm.concat %arg3, %89 {axis = 2 : i64} : (tensor<?x2x?x16xf32, #map2>, tensor<?x2x?x16xf32, #map27>) -> tensor<?x2x?x16xf32, #map4>
    %91 = llm.concat %arg4, %69 {axis = 2 : i64} : (tensor<?x2x?x16xf32, #map2>, tensor<?x2x?x16xf32, #map27>) -> tensor<?x2x?x16xf32, #map4>
    %92 = llm.reshape %90 : (tensor<?x2x?x16xf32, #map4>) -> tensor<?x2x1x?x16xf32, #map35>
    %93 = llm.expand %92 : (tensor<?x2x1x?x16xf32, #map35>) -> tensor<?x2x2x?x16xf32, #map36>
    %94 = llm.reshape %93 : (tensor<?x2x2x?x16xf32, #map36>) -> tensor<?x4x?x16xf32, #map37>
    %95 = llm.reshape %91 : (tensor<?x2x?x16xf32, #map4>) -> tensor<?x2x1x?x16xf32, #map35>
    %96 = llm.expand %95 : (tensor<?x2x1x?x16xf32, #map35>) -> tensor<?x2x2x?x16xf32, #map36>
    %97 = llm.reshape %96 : (tensor<?x2x2x?x16xf32, #map36>) -> tensor<?x4x?x16xf32, #map37>
    %98 = llm.transpose %94 {perm = array<i64: 0, 1, 3, 2>} : (tensor<?x4x?x16xf32, #map37>) -> tensor<?x4x16x?xf32, #map38>
    %99 = llm.mul %80, %2 : (tensor<?x4x?x16xf32, #map24>, tensor<f32>) -> tensor<?x4x?x16xf32, #map24>
    %100 = llm.mul %98, %2 : (tensor<?x4x16x?xf32, #map38>, tensor<f32>) -> tensor<?x4x16x?xf32, #map38>
    %101 = llm.matmul %99, %100 : (tensor<?x4x?x16xf32, #map24>, tensor<?x4x16x?xf32, #map38>) -> tensor<?x4x?x?xf32, #map39>
    %102 = llm.where %46, %1, %0 : (tensor<?x1x?x?xi1, #map17>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x?x?xf32, #map17>
    %103 = llm.add %101, %102 : (tensor<?x4x?x?xf32, #map39>, tensor<?x1x?x?xf32, #map17>) -> tensor<?x4x?x?xf32, #map39>
    %104 = llm.softmax %103 {axis = 3 : i64} : (tensor<?x4x?x?xf32, #map39>) -> tensor<?x4x?x?xf32, #map39>
    %105 = llm.is_nan %104 : (tensor<?x4x?x?xf32, #map39>) -> tensor<?x4x?x?xi1, #map39>
    %106 = llm.where %105, %1, %104 : (tensor<?x4x?x?xi1, #map39>, tensor<1xf32>, tensor<?x4x?x?xf32, #map39>) -> tensor<?x4x?x?xf32, #map39>
    %107 = llm.matmul %106, %97 : (tensor<?x4x?x?xf32, #map39>, tensor<?x4x?x16xf32, #map37>) -> tensor<?x4x?x16xf32, #map24>
    %108 = llm.transpose %107 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x4x?x16xf32, #map24>) -> tensor<?x?x4x16xf32, #map23>
    %109 = llm.reshape %108 : (tensor<?x?x4x16xf32, #map23>) -> tensor<?x?x64xf32, #map5>
    %110 = llm.matmul %109, %18 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %111 = llm.add %30, %110 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %112 = llm.pow %111, %4 : (tensor<?x?x64xf32, #map5>, tensor<f32>) -> tensor<?x?x64xf32, #map5>
    %113 = llm.reduce mean %112 {axes = array<i64: 2>, keepdims = true} : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x1xf32, #map22>
    %114 = llm.add %113, %3 : (tensor<?x?x1xf32, #map22>, tensor<f32>) -> tensor<?x?x1xf32, #map22>
    %115 = llm.sqrt %114 : (tensor<?x?x1xf32, #map22>) -> tensor<?x?x1xf32, #map22>
    %116 = llm.div %5, %115 : (tensor<f32>, tensor<?x?x1xf32, #map22>) -> tensor<?x?x1xf32, #map22>
    %117 = llm.mul %111, %116 : (tensor<?x?x64xf32, #map5>, tensor<?x?x1xf32, #map22>) -> tensor<?x?x64xf32, #map5>
    %118 = llm.mul %12, %117 : (tensor<64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %119 = llm.matmul %118, %19 : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map40>
    %120 = llm.sigmoid %119 : (tensor<?x?x80xf32, #map40>) -> tensor<?x?x80xf32, #map40>
    %121 = llm.mul %119, %120 : (tensor<?x?x80xf32, #map40>, tensor<?x?x80xf32, #map40>) -> tensor<?x?x80xf32, #map40>
    %122 = llm.matmul %118, %20 : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map40>
    %123 = llm.mul %121, %122 : (tensor<?x?x80xf32, #map40>, tensor<?x?x80xf32, #map40>) -> tensor<?x?x80xf32, #map40>
    %124 = llm.matmul %123, %21 : (tensor<?x?x80xf32, #map40>, tensor<80x64xf32>) -> tensor<?x?x64xf32, #map5>
    %125 = llm.add %111, %124 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %126 = llm.pow %125, %4 : (tensor<?x?x64xf32, #map5>, tensor<f32>) -> tensor<?x?x64xf32, #map5>
    %127 = llm.reduce mean %126 {axes = array<i64: 2>, keepdims = true} : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x1xf32, #map22>
    %128 = llm.add %127, %3 : (tensor<?x?x1xf32, #map22>, tensor<f32>) -> tensor<?x?x1xf32, #map22>
    %129 = llm.sqrt %128 : (tensor<?x?x1xf32, #map22>) -> tensor<?x?x1xf32, #map22>
    %130 = llm.div %5, %129 : (tensor<f32>, tensor<?x?x1xf32, #map22>) -> tensor<?x?x1xf32, #map22>
    %131 = llm.mul %125, %130 : (tensor<?x?x64xf32, #map5>, tensor<?x?x1xf32, #map22>) -> tensor<?x?x64xf32, #map5>
    %132 = llm.mul %11, %131 : (tensor<64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %133 = llm.matmul %132, %22 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %134 = llm.reshape %133 : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x4x16xf32, #map23>
    %135 = llm.transpose %134 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x4x16xf32, #map23>) -> tensor<?x4x?x16xf32, #map24>
    %136 = llm.matmul %132, %23 : (tensor<?x?x64xf32, #map5>, tensor<64x32xf32>) -> tensor<?x?x32xf32, #map25>
    %137 = llm.reshape %136 : (tensor<?x?x32xf32, #map25>) -> tensor<?x?x2x16xf32, #map26>
    %138 = llm.transpose %137 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x16xf32, #map26>) -> tensor<?x2x?x16xf32, #map27>
    %139 = llm.matmul %132, %24 : (tensor<?x?x64xf32, #map5>, tensor<64x32xf32>) -> tensor<?x?x32xf32, #map25>
    %140 = llm.reshape %139 : (tensor<?x?x32xf32, #map25>) -> tensor<?x?x2x16xf32, #map26>
    %141 = llm.transpose %140 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x16xf32, #map26>) -> tensor<?x2x?x16xf32, #map27>
    %142 = llm.mul %135, %70 : (tensor<?x4x?x16xf32, #map24>, tensor<?x1x?x16xf32, #map28>) -> tensor<?x4x?x16xf32, #map24>
    %143 = llm.slice %134 {starts = #map29, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x4x16xf32, #map23>) -> tensor<?x?x4x8xf32, #map30>
    %144 = llm.transpose %143 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x4x8xf32, #map30>) -> tensor<?x4x?x8xf32, #map31>
    %145 = llm.slice %134 {starts = #map32, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x4x16xf32, #map23>) -> tensor<?x?x4x8xf32, #map30>
    %146 = llm.transpose %145 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x4x8xf32, #map30>) -> tensor<?x4x?x8xf32, #map31>
    %147 = llm.neg %146 : (tensor<?x4x?x8xf32, #map31>) -> tensor<?x4x?x8xf32, #map31>
    %148 = llm.concat %147, %144 {axis = 3 : i64} : (tensor<?x4x?x8xf32, #map31>, tensor<?x4x?x8xf32, #map31>) -> tensor<?x4x?x16xf32, #map24>
    %149 = llm.mul %148, %71 : (tensor<?x4x?x16xf32, #map24>, tensor<?x1x?x16xf32, #map28>) -> tensor<?x4x?x16xf32, #map24>
    %150 = llm.add %142, %149 : (tensor<?x4x?x16xf32, #map24>, tensor<?x4x?x16xf32, #map24>) -> tensor<?x4x?x16xf32, #map24>
    %151 = llm.mul %138, %70 : (tensor<?x2x?x16xf32, #map27>, tensor<?x1x?x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map27>
    %152 = llm.slice %137 {starts = #map29, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x2x16xf32, #map26>) -> tensor<?x?x2x8xf32, #map33>
    %153 = llm.transpose %152 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x8xf32, #map33>) -> tensor<?x2x?x8xf32, #map34>
    %154 = llm.slice %137 {starts = #map32, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x?x2x16xf32, #map26>) -> tensor<?x?x2x8xf32, #map33>
    %155 = llm.transpose %154 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x8xf32, #map33>) -> tensor<?x2x?x8xf32, #map34>
    %156 = llm.neg %155 : (tensor<?x2x?x8xf32, #map34>) -> tensor<?x2x?x8xf32, #map34>
    %157 = llm.concat %156, %153 {axis = 3 : i64} : (tensor<?x2x?x8xf32, #map34>, tensor<?x2x?x8xf32, #map34>) -> tensor<?x2x?x16xf32, #map27>
    %158 = llm.mul %157, %71 : (tensor<?x2x?x16xf32, #map27>, tensor<?x1x?x16xf32, #map28>) -> tensor<?x2x?x16xf32, #map27>
    %159 = llm.add %151, %158 : (tensor<?x2x?x16xf32, #map27>, tensor<?x2x?x16xf32, #map27>) -> tensor<?x2x?x16xf32, #map27>
    %160 = llm.concat %arg5, %159 {axis = 2 : i64} : (tensor<?x2x?x16xf32, #map2>, tensor<?x2x?x16xf32, #map27>) -> tensor<?x2x?x16xf32, #map4>
    %161 = llm.concat %arg6, %141 {axis = 2 : i64} : (tensor<?x2x?x16xf32, #map2>, tensor<?x2x?x16xf32, #map27>) -> tensor<?x2x?x16xf32, #map4>
    %162 = llm.reshape %160 : (tensor<?x2x?x16xf32, #map4>) -> tensor<?x2x1x?x16xf32, #map35>
    %163 = llm.expand %162 : (tensor<?x2x1x?x16xf32, #map35>) -> tensor<?x2x2x?x16xf32, #map36>
    %164 = llm.reshape %163 : (tensor<?x2x2x?x16xf32, #map36>) -> tensor<?x4x?x16xf32, #map37>
    %165 = llm.reshape %161 : (tensor<?x2x?x16xf32, #map4>) -> tensor<?x2x1x?x16xf32, #map35>
    %166 = llm.expand %165 : (tensor<?x2x1x?x16xf32, #map35>) -> tensor<?x2x2x?x16xf32, #map36>
    %167 = llm.reshape %166 : (tensor<?x2x2x?x16xf32, #map36>) -> tensor<?x4x?x16xf32, #map37>
    %168 = llm.transpose %164 {perm = array<i64: 0, 1, 3, 2>} : (tensor<?x4x?x16xf32, #map37>) -> tensor<?x4x16x?xf32, #map38>
    %169 = llm.mul %150, %2 : (tensor<?x4x?x16xf32, #map24>, tensor<f32>) -> tensor<?x4x?x16xf32, #map24>
    %170 = llm.mul %168, %2 : (tensor<?x4x16x?xf32, #map38>, tensor<f32>) -> tensor<?x4x16x?xf32, #map38>
    %171 = llm.matmul %169, %170 : (tensor<?x4x?x16xf32, #map24>, tensor<?x4x16x?xf32, #map38>) -> tensor<?x4x?x?xf32, #map39>
    %172 = llm.add %171, %102 : (tensor<?x4x?x?xf32, #map39>, tensor<?x1x?x?xf32, #map17>) -> tensor<?x4x?x?xf32, #map39>
    %173 = llm.softmax %172 {axis = 3 : i64} : (tensor<?x4x?x?xf32, #map39>) -> tensor<?x4x?x?xf32, #map39>
    %174 = llm.is_nan %173 : (tensor<?x4x?x?xf32, #map39>) -> tensor<?x4x?x?xi1, #map39>
    %175 = llm.where %174, %1, %173 : (tensor<?x4x?x?xi1, #map39>, tensor<1xf32>, tensor<?x4x?x?xf32, #map39>) -> tensor<?x4x?x?xf32, #map39>
    %176 = llm.matmul %175, %167 : (tensor<?x4x?x?xf32, #map39>, tensor<?x4x?x16xf32, #map37>) -> tensor<?x4x?x16xf32, #map24>
    %177 = llm.transpose %176 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x4x?x16xf32, #map24>) -> tensor<?x?x4x16xf32, #map23>
    %178 = llm.reshape %177 : (tensor<?x?x4x16xf32, #map23>) -> tensor<?x?x64xf32, #map5>
    %179 = llm.matmul %178, %25 : (tensor<?x?x64xf32, #map5>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #map5>
    %180 = llm.add %125, %179 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %181 = llm.pow %180, %4 : (tensor<?x?x64xf32, #map5>, tensor<f32>) -> tensor<?x?x64xf32, #map5>
    %182 = llm.reduce mean %181 {axes = array<i64: 2>, keepdims = true} : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x1xf32, #map22>
    %183 = llm.add %182, %3 : (tensor<?x?x1xf32, #map22>, tensor<f32>) -> tensor<?x?x1xf32, #map22>
    %184 = llm.sqrt %183 : (tensor<?x?x1xf32, #map22>) -> tensor<?x?x1xf32, #map22>
    %185 = llm.div %5, %184 : (tensor<f32>, tensor<?x?x1xf32, #map22>) -> tensor<?x?x1xf32, #map22>
    %186 = llm.mul %180, %185 : (tensor<?x?x64xf32, #map5>, tensor<?x?x1xf32, #map22>) -> tensor<?x?x64xf32, #map5>
    %187 = llm.mul %10, %186 : (tensor<64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %188 = llm.matmul %187, %26 : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map40>
    %189 = llm.sigmoid %188 : (tensor<?x?x80xf32, #map40>) -> tensor<?x?x80xf32, #map40>
    %190 = llm.mul %188, %189 : (tensor<?x?x80xf32, #map40>, tensor<?x?x80xf32, #map40>) -> tensor<?x?x80xf32, #map40>
    %191 = llm.matmul %187, %27 : (tensor<?x?x64xf32, #map5>, tensor<64x80xf32>) -> tensor<?x?x80xf32, #map40>
    %192 = llm.mul %190, %191 : (tensor<?x?x80xf32, #map40>, tensor<?x?x80xf32, #map40>) -> tensor<?x?x80xf32, #map40>
    %193 = llm.matmul %192, %28 : (tensor<?x?x80xf32, #map40>, tensor<80x64xf32>) -> tensor<?x?x64xf32, #map5>
    %194 = llm.add %180, %193 : (tensor<?x?x64xf32, #map5>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %195 = llm.pow %194, %4 : (tensor<?x?x64xf32, #map5>, tensor<f32>) -> tensor<?x?x64xf32, #map5>
    %196 = llm.reduce mean %195 {axes = array<i64: 2>, keepdims = true} : (tensor<?x?x64xf32, #map5>) -> tensor<?x?x1xf32, #map22>
    %197 = llm.add %196, %3 : (tensor<?x?x1xf32, #map22>, tensor<f32>) -> tensor<?x?x1xf32, #map22>
    %198 = llm.sqrt %197 : (tensor<?x?x1xf32, #map22>) -> tensor<?x?x1xf32, #map22>
    %199 = llm.div %5, %198 : (tensor<f32>, tensor<?x?x1xf32, #map22>) -> tensor<?x?x1xf32, #map22>
    %200 = llm.mul %194, %199 : (tensor<?x?x64xf32, #map5>, tensor<?x?x1xf32, #map22>) -> tensor<?x?x64xf32, #map5>
    %201 = llm.mul %9, %200 : (tensor<64xf32>, tensor<?x?x64xf32, #map5>) -> tensor<?x?x64xf32, #map5>
    %202 = llm.matmul %201, %29 : (tensor<?x?x64xf32, #map5>, tensor<64x320xf32>) -> tensor<?x?x320xf32, #map3>
    return %202, %90, %91, %160, %161 : tensor<?x?x320xf32, #map3>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>, tensor<?x2x?x16xf32, #map4>
  }
}
