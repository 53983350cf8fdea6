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
    (NULL, NULL, NULL, NULL, 'ttclid', 'paid_social'),
    (NULL, NULL, NULL, NULL, 'fbclid', 'organic_social'),
    ('fb', 'paid', NULL, NULL, 'fbclid', 'paid_social'),
    (NULL, NULL, NULL, NULL, NULL, 'unknown'),
    ('billboard', 'outdoor', NULL, NULL, NULL, 'unknown')
  ) AS v (source, medium, campaign, referrer, click, channel)
 WHERE attribution.normalize_channel(v.source, v.medium, v.campaign, v.referrer, v.click) <> v.channel;
SELECT count(*) FROM attribution.channel_rules WHERE tenant_id IS NULL;
SELECT channel FROM attribution.channel_taxonomy
EXCEPT SELECT channel FROM attribution.channel_rules WHERE tenant_id IS NULL;
SELECT attribution.normalize_channel(medium => 'cpc', source => 'google'), attribution.normalize_channel();
-- Who may ask.
SET ROLE attribution_analyst;
SELECT attribution.normalize_channel('google', 'organic');
SET ROLE attribution_lookup;
SELECT attribution.normalize_channel('google', 'organic');
RESET ROLE;
