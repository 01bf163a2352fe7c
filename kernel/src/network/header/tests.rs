use super::*;

const V4: Segmentation = Segmentation { headers: 66, payload: 1448, is_v6: false, has_cwr: false };
const V6: Segmentation = Segmentation { headers: 86, payload: 1428, is_v6: true, has_cwr: true };

#[test]
fn a_header_says_what_the_device_is_to_do() {
    let sum_only = [1, 0, 0, 0, 0, 0, 34, 0, 16, 0, 0, 0];
    for (segmentation, length, knows_congestion, expected) in [
        (None, 1514, true, sum_only),
        (Some(V4), 1514, true, sum_only),
        (Some(V4), 1515, true, [1, 1, 66, 0, 0xa8, 5, 34, 0, 16, 0, 0, 0]),
        (Some(V6), 65_549, true, [1, 0x84, 86, 0, 0x94, 5, 34, 0, 16, 0, 0, 0]),
        (Some(V6), 65_549, false, [1, 4, 86, 0, 0x94, 5, 34, 0, 16, 0, 0, 0]),
    ] {
        let header = unfinished(&Work { transport: 34, segmentation }, length, knows_congestion);
        assert_eq!(header, expected, "{segmentation:?} {length}");
        assert_eq!(is_cut(&header), expected[1] != 0);
    }
}
