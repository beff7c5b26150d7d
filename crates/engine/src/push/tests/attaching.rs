use super::*;

#[tokio::test]
async fn a_file_is_attached_once_and_only_to_what_is_written() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.platform.1.script_of([("b", Happens::Rejected("no"))]);
        let push = world
            .push(&company, &[expense("a", "1"), expense("b", "2")])
            .await;
        let pdf = Bytes::from_static(b"%PDF-1.7 a receipt");
        let attach = async |transaction: &str, content: &Bytes| {
            let upload = Upload {
                file_name: "lunch.pdf".into(),
                content: content.clone(),
                accepted: Accepted::Receipts,
                limit: 1_000_000,
                note: None,
                include_on_send: false,
            };
            attach::attach(&world.engine, &company, push.id, transaction, upload)
                .await
                .map(|attached| attached.id)
        };
        world.platform.1.script([Happens::Away]);
        assert!(matches!(
            attach("a", &pdf).await,
            Err(attach::Error::Unavailable(_))
        ));
        // A moment's pause is waited for: some clients cannot send a form a second time. A longer one is told.
        world.platform.1.script([Happens::Limited(4)]);
        assert!(matches!(attach("a", &pdf).await, Err(attach::Error::Wait(_))));
        world.platform.1.script([Happens::Limited(1)]);
        let (first, ()) = tokio::join!(attach("a", &pdf), async {
            while world.platform.1.is_scripted() {
                tokio::task::yield_now().await;
            }
            world.advance(1);
        });
        let first = first.unwrap();
        assert_eq!(attach("a", &pdf).await.unwrap(), first);
        let files = world.platform.1.files();
        assert_eq!(files.len(), 1);
        assert!(files[0].1.starts_with("receipt-") && files[0].1.ends_with(".pdf"));
        assert!(matches!(
            attach("b", &pdf).await,
            Err(attach::Error::NotCompleted)
        ));
        assert!(matches!(attach("x", &pdf).await, Err(attach::Error::NotFound)));
        let script = Bytes::from_static(b"<svg><script/></svg>");
        assert!(matches!(
            attach("a", &script).await,
            Err(attach::Error::UnknownType(Accepted::Receipts))
        ));
        let large = Bytes::from([b"%PDF-".as_slice(), &[0; 1000]].concat());
        assert!(matches!(
            attach("a", &large).await,
            Err(attach::Error::TooLarge { limit: 1000 })
        ));
    })
    .await;
}
