-- The built-in rules: Google Analytics 4's default channel groups, click ids, and what nobody knows.
SELECT v.source, v.medium, v.campaign, v.referrer, v.click, v.channel AS expected
  FROM (VALUES
    ('(direct)', '(none)', NULL, NULL, NULL, 'direct'),
    ('google', 'cpc', 'Summer Cross-Network', NULL, NULL, 'cross_network'),
    ('amazon', 'cpc', NULL, NULL, NULL, 'paid_shopping'),
    ('newsletter', 'ppc', 'Shopping DE', NULL, NULL, 'paid_shopping'),
    ('google', 'cpc', 'brand', NULL, NULL, 'paid_search'),
    ('BING', 'CPC', NULL, NULL, NULL, 'paid_search'),
    ('google', 'cpc', 'workshop', NULL, NULL, 'paid_search'),
    ('facebook', 'paid_social', NULL, NULL, NULL, 'paid_social'),
    ('m.facebook.com', 'cpm', NULL, NULL, NULL, 'paid_social'),
    ('youtube.com', 'cpv,cpc', NULL, NULL, NULL, 'paid_video'),
    ('news', 'banner', NULL, NULL, NULL, 'display'),
    ('news', 'retargeting', NULL, NULL, NULL, 'paid_other'),
    ('etsy.com', 'referral', NULL, NULL, NULL, 'organic_shopping'),
    ('news', 'post', 'eshop', NULL, NULL, 'organic_shopping'),
    ('news', 'social-media', NULL, NULL, NULL, 'organic_social'),
    (NULL, NULL, NULL, 't.co', NULL, 'organic_social'),
    ('news', 'my-video', NULL, NULL, NULL, 'organic_video'),
    (NULL, NULL, NULL, 'www.youtube.com', NULL, 'organic_video'),
    (NULL, NULL, NULL, 'www.google.co.uk', NULL, 'organic_search'),
    ('somewhere', 'organic', NULL, NULL, NULL, 'organic_search'),
    ('blog', 'referral', NULL, NULL, NULL, 'referral'),
    (NULL, NULL, NULL, 'blog.example.org', NULL, 'referral'),
    ('klaviyo', 'E-Mail', NULL, NULL, NULL, 'email'),
    ('e_mail', NULL, NULL, NULL, NULL, 'email'),
    ('partner', 'affiliate', NULL, NULL, NULL, 'affiliates'),
    ('podcast', 'audio', NULL, NULL, NULL, 'audio'),
    ('sms', NULL, NULL, NULL, NULL, 'sms'),
    ('app', 'web_push', NULL, NULL, NULL, 'mobile_push'),
    ('firebase', NULL, NULL, NULL, NULL, 'mobile_push'),
    (NULL, NULL, NULL, NULL, 'gclid', 'paid_search'),
    (NULL, NULL, NULL, 'www.google.com', 'GBRAID', 'paid_search'),
    (NULL, NULL, NULL, NULL, 'wbraid', 'paid_search'),
    (NULL, NULL, NULL, NULL, 'msclkid', 'paid_search'),
    (NULL, NULL, NULL, NULL, 'dclid', 'display'),
    (NULL, NULL, NULL, NULL, 'yclid', 'paid_search'),
    (NULL, NULL, NULL, NULL, 'ttclid', 'paid_social'),
    (NULL, NULL, NULL, 'www.linkedin.com', 'li_fat_id', 'paid_social'),
    (NULL, NULL, NULL, 't.co', 'twclid', 'paid_social'),
    (NULL, NULL, NULL, NULL, 'rdt_cid', 'paid_social'),
    (NULL, NULL, NULL, NULL, 'ScCid', 'paid_social'),
    (NULL, NULL, NULL, NULL, 'epik', 'organic_social'),
    ('pinterest', 'cpc', NULL, NULL, 'epik', 'paid_social'),
    (NULL, NULL, NULL, 'l.instagram.com', 'igshid', 'organic_social'),
    (NULL, NULL, NULL, NULL, 'igsh', 'organic_social'),
    (NULL, NULL, NULL, 'www.google.com', 'srsltid', 'organic_shopping'),
    (NULL, NULL, NULL, NULL, 'mc_cid', 'email'),
    (NULL, NULL, NULL, NULL, 'mc_eid', 'email'),
    (NULL, NULL, NULL, NULL, '_kx', 'email'),
    (NULL, NULL, NULL, NULL, 'irclickid', 'affiliates'),
    (NULL, NULL, NULL, NULL, 'awc', 'affiliates'),
    (NULL, NULL, NULL, NULL, 'cjevent', 'affiliates'),
    ('google', 'organic', NULL, NULL, 'gclid', 'paid_search'),
    ('newsletter', 'email', NULL, NULL, 'fbclid', 'email'),
    (NULL, NULL, NULL, NULL, 'newclid', 'unknown'),
    (NULL, NULL, NULL, NULL, 'fbclid', 'organic_social'),
    ('fb', 'paid', NULL, NULL, 'fbclid', 'paid_social'),
    (NULL, NULL, NULL, NULL, NULL, 'unknown'),
    ('billboard', 'outdoor', NULL, NULL, NULL, 'unknown')
  ) AS v (source, medium, campaign, referrer, click, channel)
 WHERE attribution.normalize_channel(v.source, v.medium, v.campaign, v.referrer, v.click) <> v.channel;
SELECT count(*) FROM attribution.channel_rules WHERE tenant_id IS NULL;
SELECT channel FROM attribution.channel_taxonomy
EXCEPT SELECT channel FROM attribution.channel_rules WHERE tenant_id IS NULL;
-- No click id is left out of the list above.
SELECT DISTINCT click FROM attribution.channel_rules AS r, unnest(r.click_id_in) AS click
 WHERE r.tenant_id IS NULL AND NOT click = ANY ('{gclid,gbraid,wbraid,msclkid,yclid,dclid,ttclid,twclid,li_fat_id,rdt_cid,sccid,srsltid,fbclid,igshid,igsh,epik,mc_cid,mc_eid,_kx,irclickid,awc,cjevent}');
-- A tenant's rules come first, whatever their priority, also for click ids that the built-in rules know.
SET client_min_messages = warning;
SELECT attribution.create_tenant(name => 'channels', tenant_id => '018f0000-0000-7000-8000-000000000036') IS NOT NULL AS made;
RESET client_min_messages;
INSERT INTO attribution.channel_rules (tenant_id, rule_name, priority, channel, click_id_in, source_like) VALUES
    ('018f0000-0000-7000-8000-000000000036', 'meta-is-paid', 1000, 'paid_social', '{FBCLID}', NULL),
    ('018f0000-0000-7000-8000-000000000036', 'house-ads', 999, 'display', NULL, '{google}');
BEGIN;
SELECT attribution.normalize_channel(click_id => 'fbclid') AS of_nobody, attribution.normalize_channel('google', 'cpc') AS of_nobody_too;
SELECT attribution.set_tenant('018f0000-0000-7000-8000-000000000036');
SELECT attribution.normalize_channel(click_id => 'fbclid') AS own, attribution.normalize_channel('google', 'cpc') AS own_too,
       attribution.normalize_channel('google', 'cpc', click_id => 'fbclid') AS by_priority, attribution.normalize_channel(click_id => 'gclid') AS built_in;
ROLLBACK;
SELECT attribution.normalize_channel(medium => 'cpc', source => 'google'), attribution.normalize_channel();
-- Who may ask.
SET ROLE attribution_analyst;
SELECT attribution.normalize_channel('google', 'organic');
SET ROLE attribution_lookup;
SELECT attribution.normalize_channel('google', 'organic');
RESET ROLE;
