use super::TokenBucket;
use core::time::Duration;
use moment::Instant;

#[test]
fn burst_then_rate() {
    let mut bucket = TokenBucket::new(Duration::from_millis(10), 3);
    let start = Instant::START + Duration::from_secs(1);
    let taken = |bucket: &mut TokenBucket, at| (0..100).filter(|_| bucket.take(at).is_some()).count();
    assert_eq!(taken(&mut bucket, start), 3);
    assert_eq!(taken(&mut bucket, start + Duration::from_millis(9)), 0);
    assert_eq!(taken(&mut bucket, start + Duration::from_millis(10)), 1);
    assert_eq!(taken(&mut bucket, start + Duration::from_millis(35)), 2);
    assert_eq!(taken(&mut bucket, start + Duration::from_secs(9)), 3);
}
